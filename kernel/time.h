#pragma once
/* Elapsed time from the TSC, for progress and throughput; not a wall clock. */

#include <stdint.h>

/* Finds the TSC's frequency: CPUID leaf 15H where it is complete, otherwise against the PIT for 10 ms. */
void time_init(void);

/* Microseconds since time_init(); 0 for ever where no frequency could be found. */
uint64_t time_us(void);

/* Returns after that many microseconds; at once where there is no clock. */
void time_wait(uint64_t us);
