#pragma once
/* What holds for every pool, said without the arithmetic that makes one: for the unit tests and for fuzzing.
 */

#include "pool.h"

#include <stdio.h>

#define POOL_PAGE 0x1000ull

static inline bool pool_overlap(const struct mem_range *range, uint64_t start, uint64_t end)
{
    return range->start < end && start < range->end;
}

/* How far from `at` on the usable entries of the map reach; `at` itself where none holds it. */
static inline uint64_t pool_usable_to(const struct boot_info *boot, uint64_t at)
{
    uint64_t end = at;

    for (unsigned i = 0; i < boot->map_count; i++)
        if (boot->map[i].usable && boot->map[i].start <= at && boot->map[i].end > end)
            end = boot->map[i].end;
    return end;
}

/* NULL, or what is wrong with memory that the kernel would use. */
static inline const char *pool_range_wrong(const struct mem_range *range, const struct boot_info *boot,
                                           const struct mem_range *taken, unsigned taken_count,
                                           unsigned physical_bits)
{
    const struct framebuffer *f = &boot->framebuffer;

    if (range->start >= range->end || range->start % POOL_PAGE || range->end % POOL_PAGE)
        return "not whole pages";
    if (range->start < 0x100000)
        return "in the first MiB";
    if ((range->end - 1) >> physical_bits)
        return "beyond the physical addresses";
    for (uint64_t at = range->start; at < range->end;) {
        uint64_t next = pool_usable_to(boot, at);

        if (next == at)
            return "not usable by the map";
        at = next;
    }
    for (unsigned i = 0; i < boot->map_count; i++)
        if (!boot->map[i].usable && pool_overlap(&boot->map[i], range->start, range->end))
            return "in a reserved entry";
    for (unsigned i = 0; i < boot->module_count; i++)
        if (pool_overlap(&boot->modules[i], range->start, range->end))
            return "in a module";
    for (unsigned i = 0; i < taken_count; i++)
        if (pool_overlap(&taken[i], range->start, range->end))
            return "taken already";
    if (pool_overlap(&(struct mem_range){f->address, f->address + (uint64_t)f->pitch * f->height, false},
                     range->start, range->end))
        return "in the framebuffer";
    return NULL;
}

/* The table pages that map every page of `near`, found by walking over it in steps of 2 MiB. */
static inline uint64_t pool_tables(const struct memmap *near)
{
    uint64_t tables = 0, last_2m = UINT64_MAX, last_1g = UINT64_MAX, last_512g = UINT64_MAX;

    for (unsigned i = 0; i < near->count; i++)
        for (uint64_t at = near->range[i].start; at < near->range[i].end; at = (at | 0x1fffff) + 1) {
            bool whole = at % 0x200000 == 0 && near->range[i].end - at >= 0x200000;

            tables += !whole && at >> 21 != last_2m;
            tables += at >> 30 != last_1g;
            tables += at >> 39 != last_512g;
            last_2m = whole ? last_2m : at >> 21;
            last_1g = at >> 30;
            last_512g = at >> 39;
        }
    return tables;
}

static inline const char *pool_near_wrong(const struct memmap *near)
{
    uint64_t total = 0, reachable = 0, leaves = 0;

    for (unsigned i = 0; i < near->count; i++) {
        const struct mem_range *range = &near->range[i];

        if (i && near->range[i - 1].end >= range->start)
            return "out of order, or in two parts that touch";
        if (range->end > 1ull << 45)
            return "under the windows of the tests";
        total += range->end - range->start;
        if (range->start < 1ull << 32)
            reachable += (range->end < 1ull << 32 ? range->end : 1ull << 32) - range->start;
        for (uint64_t at = range->start; at < range->end; leaves++)
            at += at % 0x200000 == 0 && range->end - at >= 0x200000 ? 0x200000 : POOL_PAGE;
    }
    if (total < 16ull << 20 || total > 260ull << 20)
        return "too small or too large";
    if (reachable < pool_tables(near) * POOL_PAGE)
        return "with less below 4 GiB than its tables need";
    return leaves > 12288 ? "of too many pages" : NULL; /* kernel/kmap.c has room for them and the image */
}

/* Usable from end to end, and with two whole pieces of it behind everything else in `near`. */
static inline const char *pool_gigabyte_wrong(const struct pool *pool, const struct boot_info *boot,
                                              const struct mem_range *taken, unsigned taken_count,
                                              unsigned physical_bits)
{
    const struct mem_range *last = &pool->near.range[pool->near.count - 1];

    if (pool->gigabyte.start % (1ull << 30) || pool->gigabyte.end != pool->gigabyte.start + (1ull << 30))
        return "with a gigabyte that no entry maps";
    if (last->end < pool->gigabyte.start + 0x400000 || last->end > pool->gigabyte.end ||
        last->end % 0x200000 || last->end - last->start < 0x400000)
        return "without a part of its gigabyte";
    return pool_range_wrong(&pool->gigabyte, boot, taken, taken_count, physical_bits);
}

/* NULL, or what is wrong. */
static inline const char *pool_wrong(const struct pool *pool, const struct boot_info *boot,
                                     const struct mem_range *taken, unsigned taken_count,
                                     unsigned physical_bits)
{
    const char *wrong = pool_near_wrong(&pool->near);

    for (unsigned i = 0; i < pool->near.count && !wrong; i++)
        wrong = pool_range_wrong(&pool->near.range[i], boot, taken, taken_count, physical_bits);
    if (!wrong && pool->gigabyte.end)
        wrong = pool_gigabyte_wrong(pool, boot, taken, taken_count, physical_bits);
    for (unsigned i = 0; i < pool->distant_count && !wrong; i++) {
        const struct mem_range *piece = &pool->distant[i];

        wrong = pool_range_wrong(piece, boot, taken, taken_count, physical_bits);
        if (piece->start % 0x200000 || piece->end - piece->start != 0x200000)
            wrong = "distant, and no piece that one entry maps";
        if (i && __builtin_clzll(pool->distant[i - 1].start) <= __builtin_clzll(piece->start))
            wrong = "distant, and no wider than the one before";
        for (unsigned j = 0; j < pool->near.count; j++)
            if (pool_overlap(&pool->near.range[j], piece->start, piece->end))
                wrong = "distant and near";
    }
    return wrong;
}
