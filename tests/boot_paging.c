/* Under which paging mode the tests run: by CR4.LA57, and by an address that only five levels can translate.
 */
#include "test.h"

TEST(boot_paging_mode, "The mode in the id is the mode of the machine")
{
    uint64_t va = 1ull << 50; /* canonical under 5-level paging only */
    struct outcome o = probe(PROBE_read8, va, 0);

    expect_equal(!!(cr4_read() & X86_CR4_LA57), test_levels() == 5, "CR4.LA57");
    expect_equal(msr_read(X86_MSR_EFER) & (X86_EFER_LMA | X86_EFER_NXE), X86_EFER_LMA | X86_EFER_NXE, "EFER");
    expect_equal(space_current()->levels, test_levels(), "levels of the space");
    expect_outcome(&o, PROBE_read8, test_levels() == 5 ? FAULT_PF(0) : FAULT_GP(0), va, "of bit 50");
}
