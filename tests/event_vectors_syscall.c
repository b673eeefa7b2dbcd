/*
 * SYSCALL and SYSRET: no event of the IDT, so nothing is pushed and RSP is not changed; the entry has to do
 * by hand what the stubs do for all the others, PKRS included. RCX and R11 are the instruction's own (SDM
 * volume 2, "SYSCALL").
 */
#include "event_test.h"
#include "step.h"
#include "user.h"

EVENT_LABELS(syscall);
extern const char trap_syscall[], trap_sysret[]; /* kernel/trap.asm */

static const struct event event = {.about = "syscall",
                                   EVENT_PLACE(syscall),
                                   .vector = X86_VEC_SYSCALL,
                                   .modes = EVENT_CPL3,
                                   .trap = true,
                                   .clobbers = true};

TEST(event_vector_syscall, "SYSCALL starts with the default rights, SYSRET returns to the program's")
{
    user_set_syscall(true);
    event_check(&event);
    user_set_syscall(false);
}

/* Where CPL is 0 and RSP is the program's. */
static struct {
    const char *at;
    unsigned seen;
} window;

static void arm(const struct event *e)
{
    (void)e;
    step_break((uintptr_t)window.at);
}

static bool look(struct trap_frame *frame)
{
    step_break_end();
    expect_equal(frame->rip, (uintptr_t)window.at, "rip of the breakpoint");
    expect_equal(frame->cs, X86_SEG_CODE64, "cs of the breakpoint");
    expect_equal(frame->pkrs, event_program()->pkrs, "PKRS in the breakpoint's frame");
    expect_equal(frame->rsp, event_program()->rsp, "rsp of the breakpoint: the program's");
    expect_equal(pkrs_read_checked("breakpoint"), pks_default, "PKRS in the breakpoint's handler");
    window.seen++;
    return true;
}

static void check_window(const char *at)
{
    struct event stopped = event;

    SKIP_UNLESS(cpu.pks, "no pks");
    stopped.set_up = arm;
    stopped.debug = look;
    window.at = at;
    window.seen = 0;
    user_set_syscall(true);
    event_check(&stopped);
    user_set_syscall(false);
    expect_equal(window.seen >= 2, true, "the breakpoint was met");
}

TEST(event_syscall_entry, "An event at the first instruction of the SYSCALL entry, on the program's RSP")
{
    check_window(trap_syscall);
}

TEST(event_syscall_return, "An event at SYSRET, when the program's rights and RSP are loaded already")
{
    check_window(trap_sysret);
}
