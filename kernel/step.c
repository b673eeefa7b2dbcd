#include "step.h"

#include "cpu.h"

#include <stddef.h>

#define DR7_ENABLE(i)   (1u << 2 * (i)) /* local, on execution, one byte */
#define DR6_BREAKPOINTS 0xfu
#define DR6_FIXED       0xffff0ff0u
#define PUSHFQ          0x9c
#define POPFQ           0x9d
#define REX_W           0x48
#define IRET            0xcf

void step_call(void (*function)(void *), void *argument);
extern const char step_call_end[];

uint64_t step_dr7 = X86_DR7_FIXED; /* what the #DB stub loads on its way out */

static struct {
    step_visitor *visit;
    void *context;
    bool everything;     /* not only one breakpoint */
    uint64_t flags_read; /* the last PUSHFQ seen by step_on() */
} now;

static bool visit(struct trap_frame *frame)
{
    uint64_t dr6;

    __asm__ volatile("mov %%dr6, %0" : "=r"(dr6));
    __asm__ volatile("mov %0, %%dr6" : : "r"((uint64_t)DR6_FIXED));
    if (now.everything && dr6 & DR6_BREAKPOINTS)
        frame->rflags |= X86_EFLAGS_TF;
    frame->rflags |= X86_EFLAGS_RF; /* a breakpoint on this instruction has been seen now */
    if (frame->rip < (uintptr_t)step_call || frame->rip >= (uintptr_t)step_call_end)
        now.visit(frame, now.context);
    return true;
}

static void set_breakpoints(const void *const address[STEP_BREAKPOINTS])
{
    __asm__ volatile("mov %0, %%dr0" : : "r"(address[0]));
    __asm__ volatile("mov %0, %%dr1" : : "r"(address[1]));
    __asm__ volatile("mov %0, %%dr2" : : "r"(address[2]));
    __asm__ volatile("mov %0, %%dr3" : : "r"(address[3]));
    for (unsigned i = 0; i < STEP_BREAKPOINTS; i++)
        step_dr7 |= address[i] ? DR7_ENABLE(i) : 0;
}

void step_stop(unsigned breakpoint)
{
    step_dr7 &= ~(uint64_t)DR7_ENABLE(breakpoint);
}

void step_arm(void)
{
    __asm__ volatile("mov %0, %%dr7" : : "r"(step_dr7) : "memory");
}

static void clear_breakpoints(void)
{
    step_dr7 = X86_DR7_FIXED;
    step_arm();
}

void step_break(uint64_t address)
{
    __asm__ volatile("mov %0, %%dr0" : : "r"(address));
    __asm__ volatile("mov %0, %%dr7" : : "r"((uint64_t)(X86_DR7_FIXED | DR7_ENABLE(0))));
}

void step_break_end(void)
{
    __asm__ volatile("mov %0, %%dr6" : : "r"((uint64_t)DR6_FIXED));
    clear_breakpoints();
}

static void run(void (*call)(void (*)(void *), void *), void (*function)(void *), void *argument,
                step_visitor *visitor, void *context)
{
    trap_handler *previous = trap_set_handler(X86_VEC_DB, visit);

    now.visit = visitor;
    now.context = context;
    now.flags_read = 0;
    call(function, argument);
    clear_breakpoints();
    trap_set_handler(X86_VEC_DB, previous);
}

void step_run(void (*function)(void *), void *argument, step_visitor *visitor, void *context,
              const void *const breakpoint[STEP_BREAKPOINTS])
{
    now.everything = true;
    set_breakpoints(breakpoint); /* the first #DB arms them */
    run(step_call, function, argument, visitor, context);
}

static void call_armed(void (*function)(void *), void *argument)
{
    step_arm();
    function(argument);
}

void step_at(void (*function)(void *), void *argument, step_visitor *visitor, void *context,
             const void *const breakpoint[STEP_BREAKPOINTS])
{
    now.everything = false;
    set_breakpoints(breakpoint);
    run(call_armed, function, argument, visitor, context);
}

void step_on(struct trap_frame *frame)
{
    const uint8_t *code = (const uint8_t *)frame->rip;
    uint64_t *stack = (uint64_t *)frame->rsp;

    if (now.flags_read && frame->rip == now.flags_read + 1)
        stack[0] &= ~(uint64_t)X86_EFLAGS_TF;
    now.flags_read = code[0] == PUSHFQ ? frame->rip : 0;
    if (code[0] == POPFQ)
        stack[0] |= X86_EFLAGS_TF;
    if (code[0] == REX_W && code[1] == IRET)
        stack[2] |= X86_EFLAGS_TF;
}

static void count(struct trap_frame *frame, void *context)
{
    const uint8_t *code = (const uint8_t *)frame->rip;
    struct step_counts *counts = context;

    counts->instructions++;
    if ((uint32_t)frame->rcx == X86_MSR_IA32_PKRS && code[0] == 0x0f) {
        counts->wrmsr += code[1] == 0x30;
        counts->rdmsr += code[1] == 0x32;
    }
}

struct step_counts step_count(void (*function)(void *), void *argument,
                              const void *const breakpoint[STEP_BREAKPOINTS])
{
    struct step_counts counts = {0};

    step_run(function, argument, count, &counts, breakpoint);
    return counts;
}
