/*
 * The state that tests start from, whatever firmware and loader have left behind: no bit of a control
 * register that nobody asked for, no breakpoint, the memory types of reset, no line of an interrupt
 * controller that is open. The line `# @ handed` says what was found; tests/machine/test_handed.py hands over
 * a machine with as much set as is legal.
 */
#include "apic.h"
#include "apic_vectors.h"
#include "ioapic.h"
#include "memory.h"
#include "test.h"

TEST(boot_state, "Control, debug and memory type registers hold what this kernel has set, and nothing else")
{
    uint64_t cr4 = X86_CR4_PAE;

    cr4 |= cpuid(X86_CPUID_FEATURES, 0).edx & X86_CPUID_1_EDX_MCE ? X86_CR4_MCE : 0;
    cr4 |= cpu.pks ? X86_CR4_PKS : 0;
    cr4 |= test_levels() == 5 ? X86_CR4_LA57 : 0;
    expect_equal(cr0_read(), X86_CR0_PG | X86_CR0_WP | X86_CR0_NE | X86_CR0_ET | X86_CR0_MP | X86_CR0_PE,
                 "CR0");
    expect_equal(cr4_read(), cr4, "CR4");
    expect_equal(msr_read(X86_MSR_EFER), X86_EFER_LME | X86_EFER_LMA | X86_EFER_NXE, "EFER");
    expect_equal(dr7_read(), X86_DR7_FIXED, "DR7");
    if (cpuid(X86_CPUID_FEATURES, 0).edx & X86_CPUID_1_EDX_PAT)
        expect_equal(msr_read(X86_MSR_PAT), X86_PAT_RESET, "IA32_PAT");
    if (probe(PROBE_rdmsr, X86_MSR_DEBUGCTL, 0).fault == FAULT_NONE)
        expect_equal(msr_read(X86_MSR_DEBUGCTL), 0, "IA32_DEBUGCTL");
    if (probe(PROBE_rdmsr, X86_MSR_S_CET, 0).fault == FAULT_NONE) {
        expect_equal(msr_read(X86_MSR_S_CET), 0, "IA32_S_CET");
        expect_equal(msr_read(X86_MSR_U_CET), 0, "IA32_U_CET");
    }
}

ONCE_TEST(boot_interrupts,
          "Every local vector and every line of an I/O APIC is masked, but for SMIs and NMIs")
{
    SKIP_UNLESS(apic_open(), "no apic");
    expect_equal(apic_open_vectors(), 0, "local vectors that are open");
    expect_equal(ioapic_lines(memory_boot()).open, 0, "lines of I/O APICs that are open");
}
