#pragma once
/* Who runs next, on each processor. */

#include "spin.h"
#include "thread.h"

/* Every thread slot; the first thread's is threads[0]. Guarded, as all of a thread that others may look at,
 * by the lock. */
extern struct thread threads[THREADS_MAX + 1];
extern struct spin threads_lock;

/* Slots behind this number are free. */
extern unsigned thread_slots;

/*
 * Gives the processor to the next thread in turn that is ready and in its queue, which may be the current
 * one; where none is, takes one from another queue that is not pinned there; otherwise gives it to the thread
 * that is always there, the idle one or on the first processor the first thread, which waits in here if it is
 * not ready itself. So whoever cannot go on leaves its stack, and the lock is not given back before that.
 * Returns when the current thread gets a processor back, never if it has ended. Call with interrupts off and
 * the lock held, on the current thread's own stack; the lock is held on return too: it is handed from thread
 * to thread, so that nobody sees one whose context is half stored.
 */
void schedule(void);

/* For the idle loop, interrupts off: runs whoever is ready. True if somebody in its queue sleeps, so that it
 * has to be asked again soon. */
bool schedule_idle(void);

/* Marks a thread ready and tells its processor. With the lock held. */
void schedule_wake(struct thread *thread);
