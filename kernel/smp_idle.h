#pragma once
/*
 * Processors without work, and the two ways to be without: awake, where calls, jobs and threads reach them,
 * and parked. A test that is about one processor must not be slowed down by others nor disturb them, whatever
 * it does to the kernel's pages, their key and the descriptor tables; so they are parked unless a test wants
 * them. A parked processor has every key open, an IDT that no test changes, and executes HLT, that is,
 * touches no memory. The last one looks at the others twice a second
 * (kernel/watchdog.h). When it is woken it forgets old translations, enters the current space and takes the
 * default rights, in this order.
 */

#include "percpu.h"

/* What each processor but the first one does from its start on. */
_Noreturn void smp_idle(void);

/* Parks all others, or wakes them; returns when all have done it. What a thread or a job still does on one of
 * them with interrupts on ends there. Context: the first processor. */
void smp_park(void);
void smp_wake(void);

/* How many processors take part now: 1 while the others are parked, otherwise smp_count(). */
unsigned smp_active(void);

/* The register that a processor had changed when it was parked last, and that has been put back, or "job";
 * with the processor's number. NULL for none. */
const char *smp_left(unsigned *number);
