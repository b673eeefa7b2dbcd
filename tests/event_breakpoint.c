/*
 * Whether a breakpoint on an instruction is met each time, in a function that is entered from another page
 * again and again and comes to the instruction only now and then. Bochs looks for breakpoints where execution
 * enters a page, and does not look where it has taken the same branch before.
 */
#include "event_breakpoint.h"

#include "keyed.h"
#include "step.h"

#define ENTRIES 16u
#define EACH    4u /* one of so many */

extern const char event_breakpoint_at[];
void event_breakpoint_enter(bool past);

static unsigned met;

static void enter_often(void *unused)
{
    (void)unused;
    for (unsigned i = 1; i <= ENTRIES; i++)
        event_breakpoint_enter(i % EACH == 0);
}

static void count(struct trap_frame *frame, void *unused)
{
    (void)unused;
    met += frame->rip == (uintptr_t)event_breakpoint_at;
}

unsigned event_breakpoint_misses(void)
{
    const void *const breakpoint[STEP_BREAKPOINTS] = {event_breakpoint_at};

    met = 0;
    step_at(enter_often, NULL, count, NULL, breakpoint);
    return ENTRIES / EACH - met;
}

TEST(event_breakpoint_page, "A breakpoint is met however often its page has been entered before")
{
    REQUIRE(((uintptr_t)enter_often ^ (uintptr_t)event_breakpoint_at) >= X86_PAGE_SIZE);
    expect_equal(event_breakpoint_misses(), 0, "breakpoints missed, of %u", ENTRIES / EACH);
}
