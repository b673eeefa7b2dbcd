#pragma once
/* Finding the TSC's frequency. */

#include "boot_info.h"
#include "tsc.h"

/* By CPUID and against the PIT, for 10 ms; where that does not answer, against the HPET (lib/tsc.h says what
 * counts). Context: boot, one processor. */
struct tsc_frequency tsc_find(const struct boot_info *boot);
