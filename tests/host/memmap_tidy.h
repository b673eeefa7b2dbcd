#pragma once
/* What holds for every memmap. */

#include "host.h"

#include "memmap.h"

#define PAGE 0x1000ull

/* Sorted, disjoint, not touching, whole pages, usable; and the sum agrees. */
static inline void assert_tidy(const struct memmap *map)
{
    uint64_t total = 0;

    for (unsigned i = 0; i < map->count; i++) {
        assert_true(map->range[i].usable);
        assert_true(map->range[i].start < map->range[i].end);
        assert_true(map->range[i].start % PAGE == 0 && map->range[i].end % PAGE == 0);
        assert_true(i == 0 || map->range[i - 1].end < map->range[i].start);
        total += map->range[i].end - map->range[i].start;
    }
    assert_true(memmap_total(map) == total);
}
