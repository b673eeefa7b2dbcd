#include "trap.h"

#include "desc.h"
#include "escape.h"
#include "exit.h"
#include "panic.h"
#include "probe.h"
#include "user.h"

#include <stddef.h>

static trap_handler *handlers[X86_VECTORS];

trap_handler *trap_set_handler(unsigned vector, trap_handler *handler)
{
    trap_handler *previous = handlers[vector];

    handlers[vector] = handler;
    return previous;
}

bool trap_reset(void)
{
    bool any = false;

    for (unsigned vector = 0; vector < X86_VECTORS; vector++) {
        any |= handlers[vector] != NULL;
        handlers[vector] = NULL;
    }
    return idt_reset() || any;
}

void trap_dispatch(struct trap_frame *frame)
{
    trap_handler *handler = handlers[frame->vector];

    if (handler && handler(frame))
        return;
    if (probe_take(frame) || user_take(frame))
        return;
    idt_set_stack(X86_VEC_PF,
                  STACK_NONE); /* the report probes: its faults must not start at this frame's stack top */
    panic_report(frame);
    if (!escape_from(frame, &escape_test))
        leave(VERDICT_ERROR);
}
