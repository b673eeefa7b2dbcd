#pragma once
/* What the entry stubs save, and who handles it. */

#include "fault.h"
#include "stacks.h"

#include <stdbool.h>
#include <stdint.h>

/* As kernel/trap.asm pushes it, last push first. */
struct trap_frame {
    uint64_t
        pkrs; /* of the interrupted context, from the register; 0 without PKS. Restored on the way out. */
    uint64_t cr2;
    uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax;
    uint64_t vector;
    uint64_t code; /* error code, 0 where the processor pushes none */
    uint64_t rip, cs, rflags, rsp, ss;
};
_Static_assert(sizeof(struct trap_frame) == 24 * 8, "as pushed; a multiple of 16 keeps the stack aligned");

/* True if the frame's context ran at CPL 3. */
static inline bool trap_from_user(const struct trap_frame *frame)
{
    return (frame->cs & X86_SEG_RPL_USER) == X86_SEG_RPL_USER;
}

static inline fault_t trap_fault(const struct trap_frame *frame)
{
    return FAULT(frame->vector, frame->code);
}

/*
 * Called before anything else for a vector; returns true when the event is dealt with and the frame may be
 * resumed. Runs with the default rights and interrupts off.
 */
typedef bool trap_handler(struct trap_frame *frame);

/* Installs the handler of a vector, or of X86_VEC_SYSCALL (NULL removes it) and returns the previous one. */
trap_handler *trap_set_handler(unsigned vector, trap_handler *handler);

/* Removes every handler and puts the IST stacks back; true if there was anything to remove. */
bool trap_reset(void);

/* Entry from kernel/trap.asm: a handler's event, a probe's, or one that nobody planned. `ist` is the stack
 * that the gate named. */
void trap_dispatch(struct trap_frame *frame, enum stack_id ist);
