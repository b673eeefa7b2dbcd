/*
 * The timer that preempts: its rate against the TSC, and that it stops. A busy computer delays and loses
 * ticks of an emulated timer, so nothing is said about one that is slow; one that is too fast has no such
 * excuse.
 */
#include "test.h"

#include "preempt.h"
#include "thread.h"
#include "time.h"

#define PERIOD_US  500u
#define TICKS      40u
#define PATIENCE_S 10u

/* Waits for that many ticks, or for a time; how long it took. */
static uint64_t wait_for(unsigned ticks, uint64_t us)
{
    uint64_t begin = time_us();

    irq_enable();
    while (preempt_count() < ticks && time_us() - begin < us)
        __asm__ volatile("pause");
    irq_disable();
    return time_us() - begin;
}

TEST(thread_timer, "The timer does not tick faster than it was asked to, and stops when it is told to")
{
    uint64_t took;

    SKIP_UNLESS(time_us(), "no clock");
    if (!preempt_every(PERIOD_US)) {
        test_skip("no timer");
        return;
    }
    took = wait_for(TICKS, PATIENCE_S * 1000000);
    expect_equal(preempt_count() >= TICKS, true, "ticks came");
    if (took < TICKS * PERIOD_US * 4 / 5)
        test_fail("%u ticks of %u us took %lu us", TICKS, PERIOD_US, took);
    preempt_every(0);
    wait_for(1, 4 * PERIOD_US);
    expect_equal(preempt_count(), 0, "ticks after the end");
}
