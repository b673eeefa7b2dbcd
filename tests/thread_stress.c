/*
 * Sixteen threads and fifteen keys: random opens, closes, nested sections, accesses, yields, sleeps, and a
 * timer that takes the processor away at any instruction. Each thread keeps a PKRS of its own on paper; the
 * oracle predicts every access from it, and at the end of each operation register, copy and paper have to
 * agree. The seed is printed; with preemption the interleaving is not repeatable, the operations of a thread
 * are.
 */
#include "stress.h"
#include "test.h"

#define OPERATIONS 500000u /* under each paging mode */

TEST(thread_stress,
     "Sixteen threads use fifteen keys at random, preempted by a timer, as the oracle predicts")
{
    struct stress_result r;

    SKIP_UNLESS(cpu.pks, "no pks");
    r = stress_run(test_effort(OPERATIONS), 1);
    test_note("stress operations=%u accesses=%lu denied=%lu preempted=%lu", r.operations, r.accesses,
              r.denied, r.preempted);
    stress_expect(&r);
}
