#include "escape.h"

#include "ist.h"
#include "thread.h"

int escape_enter(void (*fn)(void *), void *argument, uint64_t *rsp);
void escape_landing(void);

bool escape_call(struct escape *escape, void (*fn)(void *), void *argument)
{
    struct frame_link *frames = thread_current->frames;
    bool abandoned = escape_enter(fn, argument, &escape->rsp);

    thread_current->frames = frames; /* handlers in between were abandoned too */
    if (abandoned)
        ist_settle();
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
