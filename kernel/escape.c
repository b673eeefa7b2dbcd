#include "escape.h"

#include "ist.h"
#include "thread.h"

int escape_enter(void (*fn)(void *), void *argument, uint64_t *rsp);
void escape_landing(void);

bool escape_call(struct escape *escape, void (*fn)(void *), void *argument)
{
    struct thread *thread = thread_current;
    struct frame_link *frames = thread->frames;
    void *probe = thread->probe;
    uint16_t callbacks = thread->callbacks;
    bool abandoned = escape_enter(fn, argument, &escape->rsp);

    if (abandoned) { /* and so were handlers, probes and callbacks in between */
        thread->frames = frames;
        thread->probe = probe;
        thread->callbacks = callbacks;
        ist_settle();
    }
    escape->rsp = 0;
    return abandoned;
}

bool escape_from(struct trap_frame *frame, struct escape *escape)
{
    if (!escape->rsp)
        return false;
    frame->rip = (uintptr_t)escape_landing;
    frame->rsp = escape->rsp;
    frame->cs = X86_SEG_CODE64;
    frame->ss = X86_SEG_DATA;
    frame->rflags = X86_EFLAGS_FIXED;
    return true;
}
