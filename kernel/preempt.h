#pragma once
/* Taking the processor from threads that do not give it up. */

#include <stdbool.h>
#include <stdint.h>

/*
 * Lets the timer end a thread's turn every `us` microseconds, wherever interrupts are on; 0 ends that. Only
 * in the threads' own code and in handlers on their own stacks. False where there is no timer.
 */
bool preempt_every(uint64_t us);

/* How many turns the timer has ended since preempt_every(). */
uint64_t preempt_count(void);
