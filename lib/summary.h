#pragma once
/* What many measurements of one thing come down to. */

#include <stddef.h>
#include <stdint.h>

/* Percentiles by nearest rank: the smallest value that at least that part of all values does not exceed; each
 * is one that was measured. */
struct summary {
    uint32_t min, median, p99;
    size_t count;
};

/* Sorts the values; all 0 where there are none. */
struct summary summarize_u32(uint32_t *values, size_t count);
