#pragma once
/* Who runs next. */

#include "thread.h"

/* Every thread slot; the first thread's is threads[0]. */
extern struct thread threads[THREADS_MAX + 1];

/* Slots behind this number are free. */
extern unsigned thread_slots;

/*
 * Gives the processor to the next thread in turn that is ready, which may be the current one; waits for the
 * first sleeper where none is. Returns when the current thread gets it back, never if it has ended. Call with
 * interrupts off, on the current thread's own stack.
 */
void schedule(void);
