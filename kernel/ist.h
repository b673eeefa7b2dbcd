#pragma once
/*
 * Events on stacks of their own, and why a second one does not destroy the first one's frame.
 *
 * The processor starts at the address in the TSS whatever is on that stack. NMIs are blocked while one is
 * handled, but by the next IRET only: any exception in the handler lets the next NMI in (SDM volume 3,
 * "Handling Multiple NMIs"). #DB, or a vector that a test has put on the spare stack, is not even blocked.
 * So the first instruction of each entry moves the TSS's pointer down by X86_IST_SLICE, and the last one
 * before IRET moves it up again; X86_STACK_SIZE holds four slices. Two boundaries are left:
 *
 * 1. before the first instruction. Only #DB (a breakpoint there) and #MC can come, and their IRET would let
 *    an NMI in. Whoever interrupts that boundary moves the pointer itself, and the frame's RIP behind the
 *    instruction.
 * 2. before IRET. What it pops would stand where the next event pushes. So the dispatcher has made a copy in
 *    the X86_IRET_SPACE bytes above the stack's top, and IRET pops that one. An event on the same stack would
 *    put its own copy there: it takes over the interrupted IRET's words, that is, returns to where that one
 *    was about to go. An event on another stack moves the pointer down for as long as it runs.
 *
 * Not covered: an NMI in the entry of a #DB whose breakpoint is on an NMI's IRET, before trap_dispatch().
 * The stacks have to be on the kernel's own key: an NMI whose stack is denied is a #PF, and the NMI is gone.
 * A test's own TSS is not guarded: the stubs move the pointers of the kernel's.
 */

#include "percpu.h"
#include "trap.h"

#include <stdbool.h>

/* Where a stack starts when no event is on it. */
static inline uint64_t ist_top(enum stack_id id)
{
    return stack_top(id) - X86_IRET_SPACE;
}

/* The pointer in the kernel's TSS. */
uint64_t ist_get(enum stack_id id);
void ist_set(enum stack_id id, uint64_t top);

/* For the trap path, around handling: of an event that was delivered on stack `own` (STACK_NONE: the current
 * one). ist_enter() returns the stack whose boundary 1 or 2 the event has interrupted. */
enum stack_id ist_enter(const struct trap_frame *frame, enum stack_id own);
void ist_leave(struct trap_frame *frame, enum stack_id own, enum stack_id interrupted);

/* Sets every pointer to below the frames that the current thread handles: after handlers were abandoned. True
 * if one was elsewhere. */
bool ist_settle(void);
