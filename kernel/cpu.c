/* What CPUID says. Source: Intel SDM volume 2, "CPUID"; the hypervisor leaf is the convention of 0x40000000.
 */

#include "cpu.h"

#include "rng.h"
#include "string.h"

struct cpu_features cpu;

static void copy_register(char *text, uint32_t value)
{
    memcpy(text, &value, sizeof(value));
}

static void detect_model(uint32_t signature)
{
    cpu.stepping = signature & 0xf;
    cpu.model = signature >> 4 & 0xf;
    cpu.family = signature >> 8 & 0xf;
    if (cpu.family == 6 || cpu.family == 15)
        cpu.model |= signature >> 12 & 0xf0;
    if (cpu.family == 15)
        cpu.family += signature >> 20 & 0xff;
}

static void detect_hypervisor(void)
{
    struct cpuid_regs leaf = cpuid(X86_CPUID_HYPERVISOR, 0);

    copy_register(cpu.hypervisor, leaf.ebx);
    copy_register(cpu.hypervisor + 4, leaf.ecx);
    copy_register(cpu.hypervisor + 8, leaf.edx);
    if (!cpu.hypervisor[0])
        memcpy(cpu.hypervisor, "unnamed", sizeof("unnamed"));
}

static void detect_brand(void)
{
    for (uint32_t i = 0; i < 3; i++) {
        struct cpuid_regs leaf = cpuid(X86_CPUID_BRAND + i, 0);

        memcpy(cpu.brand + i * sizeof(leaf), &leaf, sizeof(leaf)); /* EAX, EBX, ECX, EDX in this order */
    }
}

/* Leaf 7: a processor that has it need not have its subleaf 1. */
static void detect_extended(void)
{
    struct cpuid_regs leaf = cpuid(X86_CPUID_EXTENDED_FEATURES, 0);
    uint32_t more = leaf.eax >= 1 ? cpuid(X86_CPUID_EXTENDED_FEATURES, 1).eax : 0;

    cpu.smep = leaf.ebx & X86_CPUID_7_EBX_SMEP;
    cpu.smap = leaf.ebx & X86_CPUID_7_EBX_SMAP;
    cpu.pku = leaf.ecx & X86_CPUID_7_ECX_PKU;
    cpu.la57 = leaf.ecx & X86_CPUID_7_ECX_LA57;
    cpu.pks = leaf.ecx & X86_CPUID_7_ECX_PKS;
    cpu.cet_ss = leaf.ecx & X86_CPUID_7_ECX_CET_SS;
    cpu.cet_ibt = leaf.edx & X86_CPUID_7_EDX_CET_IBT;
    cpu.fred = more & X86_CPUID_7_1_EAX_FRED;
    cpu.wrmsrns = more & X86_CPUID_7_1_EAX_WRMSRNS;
    cpu.lam = more & X86_CPUID_7_1_EAX_LAM;
}

void cpu_detect(void)
{
    struct cpuid_regs leaf = cpuid(0, 0);
    uint32_t max = leaf.eax;
    uint32_t extended_max = cpuid(X86_CPUID_EXT_MAX, 0).eax;

    copy_register(cpu.vendor, leaf.ebx);
    copy_register(cpu.vendor + 4, leaf.edx);
    copy_register(cpu.vendor + 8, leaf.ecx);
    leaf = cpuid(X86_CPUID_FEATURES, 0);
    detect_model(leaf.eax);
    cpu.rdrand = leaf.ecx & X86_CPUID_1_ECX_RDRAND;
    cpu.pcid = leaf.ecx & X86_CPUID_1_ECX_PCID;
    if (leaf.ecx & X86_CPUID_1_ECX_HYPERVISOR)
        detect_hypervisor();
    if (max >= X86_CPUID_EXTENDED_FEATURES)
        detect_extended();
    leaf = cpuid(X86_CPUID_EXT_FEATURES, 0);
    cpu.rdtscp = leaf.edx & X86_CPUID_EXT1_EDX_RDTSCP;
    cpu.page_1g = leaf.edx & X86_CPUID_EXT1_EDX_PDPE1GB;
    if (extended_max >= X86_CPUID_BRAND + 2)
        detect_brand();
    cpu.physical_bits = 36; /* "Enumeration of Paging Features by CPUID": 36 without the leaf */
    if (extended_max >= X86_CPUID_EXT_ADDRESS_SIZES)
        cpu.physical_bits = cpuid(X86_CPUID_EXT_ADDRESS_SIZES, 0).eax & 0xff;
}

uint64_t cpu_entropy(void)
{
    uint64_t state = rdtsc();
    uint64_t random = 0;

    if (cpu.rdrand)
        __asm__ volatile("rdrand %0" : "=r"(random)); /* a failure leaves 0: the TSC is then all there is */
    state ^= random;
    return rng_next(&state);
}

void cpu_enable_machine_checks(void)
{
    if (cpuid(X86_CPUID_FEATURES, 0).edx & X86_CPUID_1_EDX_MCE)
        cr4_write(cr4_read() | X86_CR4_MCE);
}
