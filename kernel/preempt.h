#pragma once
/* Taking the processor from threads that do not give it up. */

#include <stdbool.h>
#include <stdint.h>

/*
 * Lets a timer of each processor that takes part end a thread's turn every `us` microseconds, wherever
 * interrupts are on; 0 ends that. Only in the threads' own code and in handlers on their own stacks. False
 * where there is no timer. Context: as of smp_call().
 */
bool preempt_every(uint64_t us);

/* How many turns the timers have ended since preempt_every(): all of them, and one processor's. */
uint64_t preempt_count(void);
uint64_t preempt_count_on(unsigned number);
