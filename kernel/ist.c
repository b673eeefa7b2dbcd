#include "ist.h"

#include "string.h"
#include "thread.h"

extern const char trap_spare_stubs[]; /* kernel/trap.asm */
extern const uint64_t trap_spare_stub_size;
extern const char *const trap_ist_entry[], *const trap_ist_entered[], *const trap_ist_return[];

#define SPARE_CLAIM_SIZE 13u /* SUB m64, imm32, in GS */

_Static_assert(X86_STACK_SIZE >= 2 * X86_IST_SLICE && X86_IST_SLICE % 16 == 0, "room for a second event");

/* The instruction behind the first one of an entry on a stack; 0 for every other RIP. */
static uint64_t claimed(enum stack_id id, uint64_t rip)
{
    uint64_t offset = rip - (uintptr_t)trap_spare_stubs;

    if (id != STACK_SPARE)
        return rip == (uintptr_t)trap_ist_entry[id] ? (uintptr_t)trap_ist_entered[id] : 0;
    if (offset >= X86_VECTORS * trap_spare_stub_size || offset % trap_spare_stub_size)
        return 0;
    return rip + SPARE_CLAIM_SIZE;
}

static bool returns(enum stack_id id, uint64_t rip)
{
    return rip == (uintptr_t)trap_ist_return[id];
}

enum stack_id ist_enter(const struct trap_frame *frame, enum stack_id own)
{
    for (enum stack_id id = STACK_DF; id < STACK_ENTRY; id++) {
        if (!claimed(id, frame->rip) && !returns(id, frame->rip))
            continue;
        if (claimed(id, frame->rip) || id != own)
            ist_set(id, ist_get(id) - X86_IST_SLICE);
        return id;
    }
    return STACK_NONE;
}

void ist_leave(struct trap_frame *frame, enum stack_id own, enum stack_id interrupted)
{
    if (interrupted && claimed(interrupted, frame->rip))
        frame->rip = claimed(interrupted, frame->rip);
    else if (interrupted && interrupted != own && returns(interrupted, frame->rip))
        ist_set(interrupted, ist_get(interrupted) + X86_IST_SLICE);
    else if (interrupted && returns(interrupted, frame->rip))
        memcpy(&frame->rip, (const void *)frame->rsp, X86_IRET_SIZE);
    if (own)
        memcpy(frame + 1, &frame->rip, X86_IRET_SIZE);
}

bool ist_settle(void)
{
    bool any = false;

    for (enum stack_id id = STACK_DF; id < STACK_ENTRY; id++) {
        uint64_t top = ist_top(id);

        for (const struct frame_link *link = thread_current->frames; link; link = link->outer)
            if (link->ist == id && (uintptr_t)link->frame < top)
                top = (uintptr_t)(link->frame + 1) - X86_IST_SLICE;
        any |= ist_get(id) != top;
        ist_set(id, top);
    }
    return any;
}
