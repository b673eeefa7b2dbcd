#pragma once
/* Every stack of the kernel, each with an unmapped guard page below it. */

#include "x86.h"

#include <stdint.h>

struct stack {
    uint8_t guard[X86_PAGE_SIZE]; /* never mapped: an overflow faults */
    uint8_t body[X86_STACK_SIZE];
} __attribute__((aligned(X86_PAGE_SIZE)));

/* IST numbers as the IDT has them (0 means none), the spare one for whatever vector needs it; then the stack
 * for entries from CPL 3. */
enum stack_id {
    STACK_NONE,
    STACK_DF = X86_IST_DF,
    STACK_NMI = X86_IST_NMI,
    STACK_MC = X86_IST_MC,
    STACK_DB = X86_IST_DB,
    STACK_SPARE = X86_IST_SPARE,
    STACK_ENTRY,
    STACKS
};

extern struct stack stacks[STACKS]; /* of the processor that boots: stacks[STACK_NONE] is the boot stack */

static inline uint64_t stack_end(const struct stack *stack)
{
    return (uintptr_t)(stack->body + X86_STACK_SIZE);
}

/* One for each thread but the first, which has the boot stack. */
#define THREADS_MAX 24
extern struct stack thread_stacks[THREADS_MAX];
