#pragma once
/*
 * What one processor asks of others: calls, which interrupt whatever runs there, and jobs, which run where
 * nothing else does.
 */

#include "percpu.h"

#include <stdbool.h>

typedef void smp_function(void *argument);

/*
 * Calls function(argument) on one other processor, or on every other one that is up, with interrupts off, in
 * the handler of an interrupt or where that processor waits for a lock; returns when all have done it. The
 * order is not defined. It has the default rights, and what it opens is gone behind it, as in any handler; an
 * unplanned exception ends it alone, with a test_error(). The function must not call others, nor take a lock
 * that a caller may hold. Context: thread or handler, not an NMI; interrupts may be off.
 */
void smp_call(unsigned number, smp_function *function, void *argument);
void smp_call_others(smp_function *function, void *argument);

/* For whoever waits with interrupts off: does what another processor has asked for, if one has, and looks
 * whether any of them makes progress. */
void smp_answer(void);

/*
 * Starts function(argument) on another processor, as a thread of its own would run: interrupts on, the
 * default rights, which end with it. It may sleep and join threads, but goes on only when no thread of its
 * processor can. One job at a time on each. smp_wait() returns when it has ended: true if it returned, false
 * if an unplanned exception has ended it, which has been reported.
 */
void smp_start(unsigned number, smp_function *function, void *argument);
bool smp_wait(unsigned number);

/* Makes an idle processor look for work. */
void smp_kick(unsigned number);

/* For the idle loop, interrupts off: runs this processor's job if there is one. */
void smp_run_job(void);

/* Installs what answers the interrupt. Once, before other processors start. */
void smp_call_init(void);
