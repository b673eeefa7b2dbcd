/*
 * What is left alone, and why: MTRRs, because memory types are firmware's knowledge of the board and every
 * processor has to agree on them; XCR0 and IA32_XSS, because CR4.OSXSAVE is clear and whoever sets it sets
 * XCR0 whole; TSC_AUX, SYSENTER's and the other MSRs of features that nothing here turns on; PKRU and PKRS,
 * which are written when CR4.PKE and CR4.PKS are set; IA32_MISC_ENABLE and everything about microcode, power,
 * heat and SMM, because it is not ours; the HPET's legacy replacement, because its lines end at controllers
 * that are masked.
 */

#include "handed.h"

#include "apic.h"
#include "cpu.h"
#include "ioapic.h"
#include "log.h"
#include "probe.h"

extern const uint32_t handed_cr0, handed_cr4; /* boot/start.asm */
extern const uint64_t handed_efer;

/* What acts on a test without its doing: BTF of DEBUGCTL makes EFLAGS.TF step over branches only; the CET
 * MSRs act as soon as a test sets CR4.CET. Not every processor has them. */
static struct left {
    uint32_t msr;
    bool exists;
    uint64_t found;
} left[] = {{.msr = X86_MSR_DEBUGCTL}, {.msr = X86_MSR_S_CET}, {.msr = X86_MSR_U_CET}};

#define LEFT (sizeof(left) / sizeof(left[0]))

static uint64_t dr7_found, pat_found, apic_base_found;
static struct ioapic_lines lines_found;

static bool has(uint32_t feature)
{
    return cpuid(X86_CPUID_FEATURES, 0).edx & feature;
}

/* SDM volume 3, "Programming the PAT": caches and TLBs hold nothing of the old types afterwards. The uncached
 * pages of devices are those of the PAT of reset. */
static void settle_pat(void)
{
    if (!has(X86_CPUID_1_EDX_PAT) || msr_read(X86_MSR_PAT) == X86_PAT_RESET)
        return;
    __asm__ volatile("wbinvd" : : : "memory");
    msr_write(X86_MSR_PAT, X86_PAT_RESET);
    __asm__ volatile("wbinvd" : : : "memory");
    cr3_write(cr3_read());
}

void handed_settle_other(void)
{
    dr7_write(X86_DR7_FIXED); /* a breakpoint of firmware's would be a #DB at our address */
    for (unsigned i = 0; i < LEFT; i++)
        if (left[i].exists && msr_read(left[i].msr))
            msr_write(left[i].msr, 0);
    settle_pat();
}

void handed_settle(void)
{
    for (unsigned i = 0; i < LEFT; i++) {
        left[i].exists = probe(PROBE_rdmsr, left[i].msr, 0).fault == FAULT_NONE;
        left[i].found = left[i].exists ? msr_read(left[i].msr) : 0;
    }
    dr7_found = dr7_read();
    pat_found = has(X86_CPUID_1_EDX_PAT) ? msr_read(X86_MSR_PAT) : 0;
    apic_base_found = has(X86_CPUID_1_EDX_APIC) ? msr_read(X86_MSR_APIC_BASE) : 0;
    handed_settle_other();
}

void handed_settle_interrupts(const struct boot_info *boot)
{
    lines_found = ioapic_lines(boot);
    ioapic_mask_all(boot);
    (void)apic_open(); /* whoever needs an APIC asks again */
}

void handed_print(void)
{
    log_line("# @ handed cr0=%x cr4=%x efer=%lx dr7=%lx debugctl=%lx s_cet=%lx u_cet=%lx pat=%lx apic=%lx "
             "ioapic=%u/%u",
             handed_cr0, handed_cr4, handed_efer, dr7_found, left[0].found, left[1].found, left[2].found,
             pat_found, apic_base_found, lines_found.open, lines_found.all);
}
