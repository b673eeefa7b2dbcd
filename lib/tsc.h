#pragma once
/* The frequency of the TSC: from what CPUID says of it, and from what a clock of a known frequency counted.
 */

#include <stdint.h>

struct tsc_frequency {
    uint64_t khz;       /* 0 where nothing is known */
    const char *source; /* "hypervisor", "cpuid15", "cpuid16", or what it was measured against; "none" */
    uint64_t wrong_khz; /* what CPUID says where a clock says something else, otherwise 0 */
};

/* The leaves, 0 for one that is absent. */
struct tsc_leaves {
    uint32_t denominator, numerator, crystal_hz; /* 15H: EAX, EBX, ECX */
    uint32_t base_mhz;                           /* 16H: EAX */
    uint32_t hypervisor_khz;                     /* 40000010H: EAX */
};

/* A hypervisor's own leaf comes first: under it the others may be the host's. */
struct tsc_frequency tsc_by_leaves(const struct tsc_leaves *leaves);

/* Which of both to go by: CPUID's word, unless it is a factor of two or more away from what a clock has
 * counted. A measurement under a hypervisor may be some way off, and a constant of an emulator says nothing.
 */
struct tsc_frequency tsc_agree(struct tsc_frequency said, struct tsc_frequency measured);

/* By a clock that has counted `counts` of `femtoseconds` each while the TSC counted `ticks`; 0 if it stood.
 */
uint64_t tsc_khz_against(uint64_t ticks, uint64_t counts, uint64_t femtoseconds);
