/*
 * A timer on every processor takes it from threads that never give it up, two on each with different rights
 * for the same key. A busy computer delays ticks, so the test waits until each thread has had its turns.
 */
#include "preempt.h"
#include "threads.h"

#define TICK_US 300u
#define LOOKS   5u /* each behind a turn of the other thread's */
#define CPUS    8u /* of those that there are */

static struct keyed keyed;

static struct worker {
    enum pks_rights rights;
    struct thread *thread;
    unsigned looks;
} worker[2 * CPUS];

static unsigned done, stop;

/* No yield in here: whoever looks again after the number of turns has changed was preempted. */
static void look(void *argument)
{
    struct worker *w = argument;
    uint64_t switches = thread_current->switches;

    REQUIRE(pks_mk(keyed.key, w->rights) == PKS_OK);
    while (!count_now(&stop)) {
        uint64_t flags = irq_save(); /* a look is whole */

        expect_equal(pkrs_read_checked("between ticks"), pkr_set(PKRS_DEFAULT, keyed.key, w->rights),
                     "PKRS of a thread that is preempted on processor %u", cpu_number());
        irq_restore(flags);
        expect_equal(probe(PROBE_read8, keyed.va, 0).fault,
                     w->rights == PKS_NOACCESS ? FAULT_KEY_READ : FAULT_NONE, "read with rights %u",
                     w->rights);
        if (thread_current->switches != switches && ++w->looks == LOOKS)
            count_up(&done);
        switches = thread_current->switches;
    }
}

SMP_TEST(smp_thread_preempt,
         "Threads preempted on all processors at once keep their rights, different ones for one key")
{
    unsigned count = smp_count() < CPUS ? smp_count() : CPUS;

    SKIP_UNLESS(cpu.pks, "no pks");
    if (!keyed_make(&keyed, "preempted", 0, LEVEL_4K))
        return;
    done = stop = 0;
    if (!preempt_every(TICK_US)) {
        test_skip("no timer");
        keyed_drop(&keyed);
        return;
    }
    for (unsigned i = 2; i < 2 * count; i++) { /* the first processor has the test itself */
        worker[i] = (struct worker){.rights = i % 2 ? PKS_READONLY : i % 4 ? PKS_NOACCESS : PKS_READWRITE};
        worker[i].thread = start_on(i / 2, true, look, &worker[i]);
    }
    worker[0] = (struct worker){.rights = PKS_READWRITE};
    worker[0].thread = start_on(0, true, look, &worker[0]);
    REQUIRE(pks_mk_readonly(keyed.key) == PKS_OK);
    irq_enable();
    await_count(&done, 2 * count - 1, "threads that were preempted");
    irq_disable();
    expect_equal(pkrs_read_checked("the test itself"), pkr_set(PKRS_DEFAULT, keyed.key, PKS_READONLY),
                 "PKRS of the test itself");
    count_up(&stop);
    for (unsigned i = 0; i < count; i++)
        if (preempt_count_on(i) < LOOKS)
            test_fail("%lu ticks on processor %u", preempt_count_on(i), i);
    for (unsigned i = 0; i < 2 * count; i++)
        end_of(i == 1 ? NULL : worker[i].thread, "preempted thread");
    preempt_every(0);
    for (unsigned i = 1; i < count; i++)
        expect_equal(pkrs_elsewhere(i), PKRS_DEFAULT, "PKRS of processor %u afterwards", i);
    REQUIRE(pks_mk_noaccess(keyed.key) == PKS_OK);
    keyed_drop(&keyed);
}
