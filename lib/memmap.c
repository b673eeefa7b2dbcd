#include "memmap.h"

#include "string.h"
#include "x86.h"

/* Each entry adds a range or splits one: at most 2 * entries ranges, so no map of a boot loader is too long.
 */
_Static_assert(MEMMAP_MAX >= 2 * BOOT_MAP_MAX, "a firmware map may not fit");

static uint64_t page_down(uint64_t address)
{
    return address & ~(uint64_t)(X86_PAGE_SIZE - 1);
}

/* The end of the address space has no page above it and stands for itself: no range goes further. */
static uint64_t page_up(uint64_t address)
{
    return address > page_down(UINT64_MAX) ? UINT64_MAX : page_down(address + X86_PAGE_SIZE - 1);
}

/* Puts `with` (NULL for nothing) ranges in the place of [first, last). */
static bool ranges_replace(struct memmap *map, unsigned first, unsigned last, const struct mem_range *with,
                           unsigned with_count)
{
    unsigned count = map->count - (last - first) + with_count;

    if (count > MEMMAP_MAX)
        return false;
    memmove(&map->range[first + with_count], &map->range[last], (map->count - last) * sizeof(*with));
    memcpy(&map->range[first], with, with_count * sizeof(*with));
    map->count = count;
    return true;
}

/* Joins [start, end) with the ranges it overlaps or touches. */
static bool ranges_add(struct memmap *map, uint64_t start, uint64_t end)
{
    struct mem_range joined = {start, end, true};
    unsigned first = 0;
    unsigned last;

    while (first < map->count && map->range[first].end < start)
        first++;
    for (last = first; last < map->count && map->range[last].start <= end; last++) {
        if (map->range[last].start < joined.start)
            joined.start = map->range[last].start;
        if (map->range[last].end > joined.end)
            joined.end = map->range[last].end;
    }
    return ranges_replace(map, first, last, &joined, 1);
}

bool memmap_remove(struct memmap *map, uint64_t start, uint64_t end)
{
    struct mem_range left[2];
    unsigned left_count = 0;
    unsigned first = 0;
    unsigned last;

    if (start >= end)
        return true;
    start = page_down(start);
    end = page_up(end);
    while (first < map->count && map->range[first].end <= start)
        first++;
    for (last = first; last < map->count && map->range[last].start < end; last++) {
        if (map->range[last].start < start)
            left[left_count++] = (struct mem_range){map->range[last].start, start, true};
        if (map->range[last].end > end)
            left[left_count++] = (struct mem_range){end, map->range[last].end, true};
    }
    return ranges_replace(map, first, last, left, left_count);
}

/* Keeps the whole pages of each range. */
static void ranges_align(struct memmap *map)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < map->count; i++) {
        struct mem_range pages = {page_up(map->range[i].start), page_down(map->range[i].end), true};

        if (pages.start < pages.end)
            map->range[kept++] = pages;
    }
    map->count = kept;
}

bool memmap_usable(const struct mem_range *map, unsigned count, struct memmap *out)
{
    bool fits = true;

    out->count = 0;
    for (unsigned i = 0; i < count; i++)
        if (map[i].usable && map[i].start < map[i].end)
            fits = fits && ranges_add(out, map[i].start, map[i].end);
    for (unsigned i = 0; i < count; i++)
        if (!map[i].usable)
            fits = fits && memmap_remove(out, map[i].start, map[i].end);
    if (!fits) {
        out->count = 0;
        return false;
    }
    ranges_align(out);
    return true;
}

uint64_t memmap_total(const struct memmap *map)
{
    uint64_t total = 0;

    for (unsigned i = 0; i < map->count; i++)
        total += map->range[i].end - map->range[i].start;
    return total;
}
