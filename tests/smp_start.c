/*
 * Every processor comes up, in the state that the first one has.
 *
 * A start-up IPI begins in real-address mode with whatever INIT left alone; PKRS is among that ("Processor
 * State After Reset", "MP Initialization Protocol Algorithm for MP Systems", "Protection Keys"), so the start
 * path writes a different garbage value on each processor first, and the default has to be there afterwards.
 */

#include "keyed.h"
#include "machine.h"
#include "pks/pks.h"
#include "smp.h"
#include "smp_call.h"
#include "testcase.h"

ONCE_TEST(smp_start_all, "Every processor that the MADT calls enabled runs")
{
    const char *failure;

    if (smp_count() == 1 && !smp_failure(0))
        test_skip("one processor");
    for (unsigned i = 0; (failure = smp_failure(i)) != NULL; i++)
        test_fail("%s", failure);
}

static struct machine_state state;
static uint32_t copy;

static void look(void *argument)
{
    (void)argument;
    state = machine_read();
    copy = pks_copy;
}

static void compare_control(unsigned number)
{
    const struct machine_state here = machine_read();

    expect_equal(state.cr0, here.cr0, "CR0 of processor %u", number);
    expect_equal(state.cr3, here.cr3, "CR3 of processor %u", number);
    expect_equal(state.cr4, here.cr4, "CR4 of processor %u", number);
    expect_equal(state.efer, here.efer, "EFER of processor %u", number);
    expect_equal(state.idtr.base, here.idtr.base, "IDTR of processor %u", number);
    expect_equal(state.pkru, here.pkru, "PKRU of processor %u", number);
}

/* Says something of the start path only where the processor has not been parked since: whoever is woken is
 * given the default. */
static void compare_rights(unsigned number)
{
    if (pks_present)
        expect_equal(state.pkrs, PKRS_DEFAULT, "PKRS of processor %u, which started with garbage", number);
    expect_equal(copy, pks_present ? PKRS_DEFAULT : 0, "software copy of PKRS of processor %u", number);
}

static void compare_all(bool restarted)
{
    for (unsigned i = 1; i < smp_count(); i++) {
        smp_start(i, look, NULL); /* a call would find the default that its handler loads */
        smp_wait(i);
        compare_control(i);
        if (restarted)
            compare_rights(i);
    }
}

SMP_TEST(smp_start_state, "Each processor has the first one's control registers")
{
    compare_all(false);
}

/* 0 where one does not come back. */
static uint64_t restart_one_by_one(void)
{
    uint64_t us = 0;

    for (unsigned i = 1; i < smp_count(); i++) {
        uint64_t one = smp_restart(i);

        if (!one)
            return 0;
        us += one;
    }
    return us;
}

SMP_TEST(smp_start_times,
         "All processors can be reset and started again, one by one and at once, to the same state, "
         "with the default rights in PKRS")
{
    uint64_t serial = restart_one_by_one();
    uint64_t parallel;

    if (serial)
        compare_all(true);
    parallel = smp_restart_at_once();
    if (!serial || !parallel) {
        test_fail("a processor does not come back from INIT");
        return;
    }
    compare_all(true);
    test_note("smp cpus=%u parallel_us=%lu serial_us=%lu", smp_count(), parallel, serial);
}
