#pragma once
/*
 * Running code one instruction at a time, through exceptions and interrupts too. Event delivery clears
 * EFLAGS.TF, so a breakpoint on the first instruction of an entry stub sets it again in there.
 * Source: Intel SDM volume 3, "Debug Exceptions".
 */

#include "trap.h"

#include <stdbool.h>
#include <stdint.h>

/* Called before each instruction, with the frame that shows it about to be executed at frame->rip. Runs in
 * the #DB handler, on its own stack. */
typedef void step_visitor(struct trap_frame *frame, void *context);

#define STEP_BREAKPOINTS 4

/*
 * Calls function(argument), visiting each of its instructions from the first one to its RET. Code that an
 * event enters is visited from the addresses in `breakpoint` on (NULL for unused ones) until it returns.
 * Not nested; X86_VEC_DB's handler is taken for the duration.
 */
void step_run(void (*function)(void *), void *argument, step_visitor *visit, void *context,
              const void *const breakpoint[STEP_BREAKPOINTS]);

/* One breakpoint on the execution of an address, outside of step_run(); the #DB it causes clears it. The
 * second takes it away. The handler of X86_VEC_DB is the caller's. */
void step_break(uint64_t address);
void step_break_end(void);

/*
 * For a visitor: makes stepping go on in whatever code loads flags of its own, which is another thread behind
 * a switch and the interrupted code behind an event. The stepped code does not see EFLAGS.TF in the flags it
 * saves.
 */
void step_on(struct trap_frame *frame);

/*
 * Calls function(argument) at full speed; visits the instructions at the addresses in `breakpoint`, each time
 * one is about to be executed, until step_stop(its number). No other instruction is disturbed.
 */
void step_at(void (*function)(void *), void *argument, step_visitor *visit, void *context,
             const void *const breakpoint[STEP_BREAKPOINTS]);
void step_stop(unsigned breakpoint);

/* For a visitor: the breakpoints act from here on, on the rest of #DB's own way out too. */
void step_arm(void);

/* What the visited instructions were. */
struct step_counts {
    uint64_t instructions;
    uint64_t rdmsr, wrmsr; /* of IA32_PKRS */
};

/* The counts of function(argument). */
struct step_counts step_count(void (*function)(void *), void *argument,
                              const void *const breakpoint[STEP_BREAKPOINTS]);
