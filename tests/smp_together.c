/* What the tests of several processors stand on: tests/together.h. */

#include "smp.h"
#include "test.h"
#include "thread.h"
#include "together.h"

#define ROUNDS 200u

static unsigned counter[CPUS_MAX];

/* Everyone has the same count on both sides of a barrier. */
static void count_together(unsigned index, void *argument)
{
    unsigned count = *(const unsigned *)argument;

    if (cpu_number() != index)
        test_error("part %u runs on processor %u", index, cpu_number());
    for (unsigned round = 1; round <= ROUNDS; round++) {
        __atomic_store_n(&counter[index], round, __ATOMIC_RELEASE);
        if (!together_barrier())
            return;
        for (unsigned i = 0; i < count; i++)
            if (__atomic_load_n(&counter[i], __ATOMIC_ACQUIRE) != round)
                test_error("round %u: processor %u has passed a barrier before %u came", round, index, i);
        if (!together_barrier())
            return;
    }
}

SMP_TEST(smp_together_barrier, "Nobody passes a barrier before all have come, and all do")
{
    unsigned count = smp_count() < 8 ? smp_count() : 8;

    REQUIRE(together(count, count_together, &count));
    for (unsigned i = 0; i < count; i++)
        expect_equal(counter[i], ROUNDS, "rounds of processor %u", i);
}

struct breaking {
    unsigned who;
    bool waited;
};

static void one_breaks(unsigned index, void *argument)
{
    struct breaking *b = argument;

    if (index == b->who) {
        thread_current->may_die = true;
        __asm__ volatile("ud2");
    }
    b->waited = together_barrier();
}

static void break_together(void *argument)
{
    together(2, one_breaks, argument);
}

SMP_TEST(smp_together_break, "Where one processor breaks the others do not wait for it, and it can go on")
{
    for (unsigned who = 0; who < 2; who++) {
        struct breaking b = {.who = who, .waited = true};

        expect_equal(test_rehearse(break_together, &b), VERDICT_ERROR, "verdict, processor %u broke", who);
        expect_equal(b.waited, false, "the other one's barrier");
        percpu_of(who)->thread->may_die = false;
    }
}
