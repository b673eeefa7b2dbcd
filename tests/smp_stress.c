/*
 * The stress of thread_stress.c on all processors: sixteen threads that no processor owns, which move between
 * them, are preempted on each, and send NMIs. Whatever processor a thread is on, its rights are those that it
 * has on paper; every NMI finds the default, and in its frame what the thread that it interrupted may have.
 */
#include "smp.h"
#include "stress.h"
#include "test.h"
#include "together.h"

#define OPERATIONS 25000u /* under each paging mode */

static uint64_t nmis;

static bool take_nmi(struct trap_frame *frame)
{
    uint32_t pkrs = (uint32_t)msr_read(X86_MSR_IA32_PKRS);

    __atomic_fetch_add(&nmis, 1, __ATOMIC_RELAXED);
    if (pkrs != PKRS_DEFAULT || pks_copy != PKRS_DEFAULT)
        test_fail("the handler of an NMI starts with 0x%x, copy 0x%x", pkrs, pks_copy);
    if (!stress_may_have(thread_of(frame), (uint32_t)frame->pkrs))
        test_fail("an NMI at 0x%lx finds rights 0x%lx, which thread %s has not", frame->rip, frame->pkrs,
                  thread_of(frame)->name);
    pkrs_write(0);
    return true;
}

/* What was sent last comes before a processor does anything else. */
static void settle(unsigned self, void *unused)
{
    (void)self;
    (void)unused;
    together_barrier();
}

SMP_TEST(smp_stress, "Sixteen threads on all processors use fifteen keys at random, as the oracle predicts")
{
    struct stress_result r;

    SKIP_UNLESS(cpu.pks, "no pks");
    nmis = 0;
    trap_set_handler(X86_VEC_NMI, take_nmi);
    r = stress_run(test_effort(OPERATIONS), smp_count());
    together(smp_count(), settle, NULL);
    trap_set_handler(X86_VEC_NMI, NULL);
    test_note("smp_stress operations=%u accesses=%lu denied=%lu preempted=%lu migrations=%lu nmis=%lu",
              r.operations, r.accesses, r.denied, r.preempted, r.migrations, nmis);
    stress_expect(&r);
    if (stress_is_long(&r) && !r.migrations)
        test_error("no thread has moved to another processor");
    if (stress_is_long(&r) && !nmis)
        test_fail("none of the NMIs that threads sent has arrived");
}
