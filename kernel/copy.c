#include "copy.h"

extern const char copy_at[], copy_landing[];

bool copy_take(struct trap_frame *frame)
{
    if (frame->vector != X86_VEC_PF || frame->rip != (uintptr_t)copy_at)
        return false;
    frame->rip = (uintptr_t)copy_landing;
    return true;
}
