#pragma once
/* Elapsed time from the TSC, for progress and throughput; not a wall clock. */

#include "boot_info.h"
#include "tsc.h"

/* Finds the TSC's frequency (kernel/tsc_find.h). */
void time_init(const struct boot_info *boot);

/* What was found. */
struct tsc_frequency time_tsc(void);

/* Microseconds since time_init(); 0 for ever where no frequency could be found. */
uint64_t time_us(void);

/* Returns after that many microseconds; at once where there is no clock. */
void time_wait(uint64_t us);
