/*
 * The runner compares the machine before and after each test; here every register it watches is changed on
 * purpose, one at a time, and the comparison has to name it and to put it back.
 */
#include "desc.h"
#include "test.h"

static const struct machine_state *before;
static uint8_t tss[TSS_SIZE]; /* TR points to it for a moment */

static void check_named(const char *want)
{
    struct machine_state changed = machine_read();
    const char *got = machine_difference(before, &changed);
    struct machine_state restored;

    machine_restore(before);
    restored = machine_read();
    if (!got || got[0] != want[0] || got[1] != want[1] || got[2] != want[2])
        test_error("a changed %s is reported as %s", want, got ? got : "no difference");
    got = machine_difference(before, &restored);
    if (got)
        test_error("%s is not restored after a change of %s", got, want);
}

TEST(self_state, "A test that leaves CR0, CR3, CR4, EFER, PKRS, PKRU, GDTR, IDTR, LDTR, TR or RFLAGS changed "
                 "is noticed, by name")
{
    struct machine_state state = machine_read();
    struct table_register r;

    before = &state;
    cr0_write(state.cr0 & ~(uint64_t)X86_CR0_WP);
    check_named("cr0");
    cr3_write(state.cr3 ^ X86_CR3_PWT);
    check_named("cr3");
    cr4_write(state.cr4 ^ X86_CR4_DE);
    check_named("cr4");
    msr_write(X86_MSR_EFER, state.efer ^ X86_EFER_SCE);
    check_named("efer");
    if (pks_present) {
        msr_write(X86_MSR_IA32_PKRS, state.pkrs ^ PKR_WD(15));
        check_named("pkrs");
    }
    if (cpu.pku) {
        cr4_write(state.cr4 | X86_CR4_PKE);
        pkru_write(state.pkru ^ PKR_AD(1));
        cr4_write(state.cr4);
        check_named("pkru");
    }
    r = gdtr_read();
    r.limit -= 8;
    gdtr_write(r);
    check_named("gdtr");
    r = idtr_read();
    r.limit -= 16;
    idtr_write(r);
    check_named("idtr");
    __asm__ volatile("pushfq; orq %0, (%%rsp); popfq" : : "i"(X86_EFLAGS_AC) : "cc", "memory");
    check_named("rflags");
    ldt_load(window_address(WINDOW_LOW, 0), 7);
    check_named("ldtr");
    tss_load(tss, (uintptr_t)tss, sizeof(tss) - 1);
    check_named("tr");
}
