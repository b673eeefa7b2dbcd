/*
 * A processor without PKS: the register does not exist and CR4.PKS is a reserved bit (SDM volume 3, "Control
 * Registers"; volume 4, IA32_PKRS). On such a machine these tests decide the verdict.
 */
#include "test.h"

TEST(msr_absent_rdmsr, "Without PKS, RDMSR of IA32_PKRS raises #GP(0)")
{
    struct outcome o;

    SKIP_UNLESS(!cpu.pks, "has pks");
    o = probe(PROBE_rdmsr, X86_MSR_IA32_PKRS, 0);
    expect_outcome(&o, PROBE_rdmsr, FAULT_GP(0), 0, "of IA32_PKRS");
}

TEST(msr_absent_wrmsr, "Without PKS, WRMSR to IA32_PKRS raises #GP(0), whatever the value")
{
    SKIP_UNLESS(!cpu.pks, "has pks");
    for (uint64_t value = 1; value; value <<= 1) {
        struct outcome o = probe(PROBE_wrmsr, X86_MSR_IA32_PKRS, value);

        expect_outcome(&o, PROBE_wrmsr, FAULT_GP(0), 0, "of 0x%lx", value);
    }
}

TEST(msr_absent_cr4, "Without PKS, setting CR4.PKS raises #GP(0) and leaves CR4 as it was")
{
    uint64_t cr4 = cr4_read();
    struct outcome o;

    SKIP_UNLESS(!cpu.pks, "has pks");
    o = probe(PROBE_cr4_write, cr4 | X86_CR4_PKS, 0);
    expect_outcome(&o, PROBE_cr4_write, FAULT_GP(0), 0, "of CR4.PKS");
    expect_equal(cr4_read(), cr4, "CR4 afterwards");
}
