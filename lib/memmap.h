#pragma once
/* Arithmetic on physical memory ranges: from a firmware map to ranges that may really be used. */

#include "boot_info.h"

#define MEMMAP_MAX 512

/* Sorted, disjoint, not touching, page-aligned (inwards) ranges, all usable. */
struct memmap {
    struct mem_range range[MEMMAP_MAX];
    unsigned count;
};

/*
 * Builds the usable ranges of a firmware map whose entries may overlap, stand in any order and disagree:
 * where a usable and another range overlap, the other wins. Memory of an unusable entry is widened to whole
 * pages. Returns false if MEMMAP_MAX is too small (nothing is then dropped silently: *out is empty).
 */
bool memmap_usable(const struct mem_range *map, unsigned count, struct memmap *out);

/* Takes [start, end), widened to whole pages, out of the ranges. Returns false if there is no room to split.
 */
bool memmap_remove(struct memmap *map, uint64_t start, uint64_t end);

/* Bytes in all ranges. */
uint64_t memmap_total(const struct memmap *map);
