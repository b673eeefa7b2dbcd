/*
 * The timer that preempts: its rate against the TSC, and that it stops. A busy computer may lose ticks of an
 * emulated timer, so the lower bound is loose; a timer that is too fast has no such excuse.
 */
#include "test.h"

#include "preempt.h"
#include "thread.h"
#include "time.h"

#define PERIOD_US 500u
#define TICKS     40u

/* Ticks in the time that `ticks` periods take. */
static uint64_t count_ticks(unsigned ticks)
{
    uint64_t end = time_us() + ticks * PERIOD_US;

    irq_enable();
    while (time_us() < end)
        __asm__ volatile("pause");
    irq_disable();
    return preempt_count();
}

TEST(thread_timer, "The timer ticks at the rate that was asked for, and stops when it is told to")
{
    uint64_t got;

    SKIP_UNLESS(time_us(), "no clock");
    if (!preempt_every(PERIOD_US)) {
        test_skip("no timer");
        return;
    }
    got = count_ticks(TICKS);
    preempt_every(0);
    if (got > TICKS + TICKS / 4 || got < TICKS / 4)
        test_fail("want %u ticks, got %lu", TICKS, got);
    expect_equal(count_ticks(TICKS / 4), 0, "ticks after the end");
}
