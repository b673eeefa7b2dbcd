#pragma once
/* Sorting numbers in place, for medians and percentiles. */

#include <stddef.h>
#include <stdint.h>

/* Ascending; n log n at the worst. */
void sort_u32(uint32_t *values, size_t count);
