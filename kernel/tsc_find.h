#pragma once
/* Finding the TSC's frequency. */

#include "boot_info.h"
#include "tsc.h"

/* By CPUID; where it does not say, against the PIT for 10 ms; where that does not answer, against the HPET.
 * Context: boot, one processor. */
struct tsc_frequency tsc_find(const struct boot_info *boot);
