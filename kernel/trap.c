#include "trap.h"

#include "apic.h"
#include "copy.h"
#include "desc.h"
#include "escape.h"
#include "exit.h"
#include "ist.h"
#include "machine_check.h"
#include "panic.h"
#include "pks/internal.h"
#include "probe.h"
#include "thread.h"
#include "user.h"
#include "watchdog.h"

#include <stddef.h>

static trap_handler *handlers[X86_VECTORS + 1]; /* the last one is for X86_VEC_SYSCALL */

trap_handler *trap_set_handler(unsigned vector, trap_handler *handler)
{
    trap_handler *previous = handlers[vector];

    handlers[vector] = handler;
    return previous;
}

bool trap_reset(void)
{
    bool any = false;

    for (unsigned vector = 0; vector <= X86_VEC_SYSCALL; vector++) {
        any |= handlers[vector] != NULL;
        handlers[vector] = NULL;
    }
    any |= ist_settle();
    return idt_reset() || any;
}

/* Whoever may have planned the event, or can mend it. */
static bool take_event(struct trap_frame *frame, const char **why)
{
    trap_handler *handler = handlers[frame->vector];

    return watchdog_take(frame) || (handler && handler(frame)) || apic_take(frame) || probe_take(frame) ||
           user_take(frame) || pks_fault_callback(frame, why) || copy_take(frame) || pks_fault_relax(frame);
}

/* Nobody did: the end of the thread, of the test, or of the run. */
static void give_up(struct trap_frame *frame, const char *why)
{
    if (!thread_current->may_die)
        panic_report(frame, why);
    if (escape_from(frame,
                    &this_cpu()->call)) /* another processor's: not the business of whatever runs here */
        return;
    if (!thread_kill(frame) && !escape_from(frame, &escape_test))
        leave(VERDICT_ERROR);
}

void trap_dispatch(struct trap_frame *frame, enum stack_id ist)
{
    struct frame_link link = {frame, ist, thread_current->frames};
    enum stack_id interrupted = ist_enter(frame, ist);
    const char *why = NULL;

    thread_current->frames = &link;
    if (!machine_check_take(frame) && !take_event(frame, &why))
        give_up(frame, why);
    thread_current->frames = link.outer;
    ist_leave(frame, ist, interrupted);
}
