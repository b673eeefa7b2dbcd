#include "pool.h"

#include "format.h"
#include "x86.h"

#define TABLES_BESIDE 16u /* tables of the image and of the first devices */

/* The part of a range that lies in [start, end), cut to whole units; of no length where there is none. */
static struct mem_range part(struct mem_range range, uint64_t start, uint64_t end, uint64_t unit)
{
    if (range.start < start)
        range.start = start;
    if (range.end > end)
        range.end = end;
    if (range.start > UINT64_MAX - unit)
        return (struct mem_range){0};
    range.start = (range.start + unit - 1) & ~(unit - 1);
    range.end &= ~(unit - 1);
    return range.start < range.end ? range : (struct mem_range){0};
}

static uint64_t bytes_in(const struct memmap *map, uint64_t end, uint64_t unit)
{
    uint64_t bytes = 0;

    for (unsigned i = 0; i < map->count; i++) {
        struct mem_range range = part(map->range[i], 0, end, unit);

        bytes += range.end - range.start;
    }
    return bytes;
}

/* Takes the lowest `room` bytes of what lies in [start, end). */
static void fill(struct memmap *near, const struct memmap *usable, uint64_t start, uint64_t end,
                 uint64_t unit, uint64_t room)
{
    for (unsigned i = 0; i < usable->count && room; i++) {
        struct mem_range range = part(usable->range[i], start, end, unit);

        if (range.end - range.start > room)
            range.end = range.start + room;
        room -= range.end - range.start;
        if (near->count && near->range[near->count - 1].end == range.start)
            near->range[near->count - 1].end = range.end;
        else if (range.end > range.start)
            near->range[near->count++] = range;
    }
}

/* The tables of one level that a map's ranges need, each of which spans `span` bytes of memory. */
static uint64_t tables_of(const struct memmap *map, uint64_t span, uint64_t leaf)
{
    uint64_t tables = 0;
    uint64_t next = 0; /* the first region that has no table yet */

    for (unsigned i = 0; i < map->count; i++) {
        struct mem_range range = map->range[i];
        uint64_t first = range.start / span;
        uint64_t last = (range.end - 1) / span;

        if (span == leaf) { /* only regions that are taken in part: the others are leaves */
            tables += range.start % span && first >= next;
            if (range.start % span)
                next = first + 1;
            tables += range.end % span && last >= next;
            next = last + 1;
            continue;
        }
        if (first < next)
            first = next;
        if (last >= first)
            tables += last - first + 1;
        next = last + 1;
    }
    return tables;
}

static uint64_t tables_need(const struct memmap *near)
{
    uint64_t tables = TABLES_BESIDE;

    for (unsigned level = 1; level <= 3; level++)
        tables += tables_of(near, 1ull << (X86_PAGE_BITS + X86_INDEX_BITS * level), POOL_PIECE);
    return tables * X86_PAGE_SIZE;
}

static bool tables_fit(const struct memmap *near)
{
    return bytes_in(near, POOL_FIRST_END, X86_PAGE_SIZE) >= tables_need(near);
}

/* Whole pieces where there are enough; else single pages below what the first tables reach, so that these
 * hold the next ones, and pieces above; else single pages everywhere. */
static bool choose_near(const struct memmap *usable, struct memmap *near)
{
    for (unsigned attempt = 0; attempt < 3; attempt++) {
        uint64_t low_unit = attempt == 0 ? POOL_PIECE : X86_PAGE_SIZE;
        uint64_t high_unit = attempt == 2 ? X86_PAGE_SIZE : POOL_PIECE;
        uint64_t low_room = attempt == 0 ? POOL_MAX : POOL_SMALL_MAX;
        uint64_t high_room = attempt == 2 ? POOL_SMALL_MAX : POOL_MAX;
        uint64_t enough = attempt == 2 ? POOL_MIN : POOL_SMALL_MAX;

        near->count = 0;
        fill(near, usable, 0, POOL_FIRST_END, low_unit, low_room);
        high_room -= memmap_total(near);
        fill(near, usable, POOL_FIRST_END, POOL_IDENTITY_END, high_unit, high_room);
        if (memmap_total(near) >= enough && tables_fit(near) &&
            bytes_in(near, POOL_IDENTITY_END, POOL_PIECE) >= POOL_PIECES_MIN * POOL_PIECE)
            return true;
    }
    return false;
}

static void choose_distant(unsigned physical_bits, struct pool *out)
{
    const struct memmap *usable = &out->usable;
    uint64_t near_end = out->near.range[out->near.count - 1].end;

    out->distant_count = 0;
    for (unsigned bit = 0; bit < physical_bits; bit++) {
        struct mem_range found = {0};

        for (unsigned i = 0; i < usable->count; i++) {
            uint64_t start = 1ull << bit > near_end ? 1ull << bit : near_end;
            struct mem_range range = part(usable->range[i], start, 2ull << bit, POOL_PIECE);

            if (range.end)
                found = (struct mem_range){range.end - POOL_PIECE, range.end, true};
        }
        if (found.end && out->distant_count < POOL_DISTANT_MAX)
            out->distant[out->distant_count++] = found;
    }
}

/* Adds a part of the gigabyte behind everything else in `near`, so that it is the last to be used up. */
static bool take_of_gigabyte(struct memmap *near, const struct mem_range *gigabyte)
{
    unsigned count = near->count;
    struct mem_range *last = &near->range[count - 1], before = *last;
    uint64_t start = last->end > gigabyte->start ? last->end : gigabyte->start;

    start = (start + POOL_PIECE - 1) & ~(POOL_PIECE - 1);
    if (start > gigabyte->end - POOL_GIGABYTE_USE || count == MEMMAP_MAX)
        return false;
    if (start == last->end)
        last->end += POOL_GIGABYTE_USE;
    else
        near->range[near->count++] = (struct mem_range){start, start + POOL_GIGABYTE_USE, true};
    if (tables_fit(near))
        return true;
    near->count = count;
    *last = before;
    return false;
}

static void choose_gigabyte(struct pool *out)
{
    struct mem_range found = {0};

    for (unsigned i = 0; i < out->usable.count && !found.end; i++)
        found = part(out->usable.range[i], 0, POOL_IDENTITY_END, POOL_GIGABYTE);
    if (found.end)
        found.end = found.start + POOL_GIGABYTE;
    out->gigabyte = found.end && take_of_gigabyte(&out->near, &found) ? found : (struct mem_range){0};
}

static bool leave_out(struct memmap *usable, uint64_t start, uint64_t end, char *err, size_t err_size)
{
    if (memmap_remove(usable, start, end))
        return true;
    format(err, err_size, "the memory map has too many ranges to leave out 0x%llx..0x%llx",
           (unsigned long long)start, (unsigned long long)end);
    return false;
}

static bool find_usable(const struct boot_info *boot, const struct mem_range *taken, unsigned taken_count,
                        unsigned physical_bits, struct memmap *usable, char *err, size_t err_size)
{
    const struct framebuffer *screen = &boot->framebuffer;
    bool fits;

    if (!memmap_usable(boot->map, boot->map_count, usable)) {
        format(err, err_size, "the memory map splits into more than %u usable ranges", MEMMAP_MAX);
        return false;
    }
    fits = leave_out(usable, 0, POOL_LOW_END, err, err_size) &&
           leave_out(usable, 1ull << physical_bits, UINT64_MAX, err, err_size) &&
           leave_out(usable, screen->address, screen->address + (uint64_t)screen->pitch * screen->height, err,
                     err_size);
    for (unsigned i = 0; fits && i < boot->module_count; i++)
        fits = leave_out(usable, boot->modules[i].start, boot->modules[i].end, err, err_size);
    for (unsigned i = 0; fits && i < taken_count; i++)
        fits = leave_out(usable, taken[i].start, taken[i].end, err, err_size);
    return fits;
}

bool pool_choose(const struct boot_info *boot, const struct mem_range *taken, unsigned taken_count,
                 unsigned physical_bits, struct pool *out, char *err, size_t err_size)
{
    if (!find_usable(boot, taken, taken_count, physical_bits, &out->usable, err, err_size))
        return false;
    if (choose_near(&out->usable, &out->near)) {
        choose_distant(physical_bits, out);
        choose_gigabyte(out);
        return true;
    }
    format(err, err_size, "%llu KiB usable, %llu KiB of them below 4 GiB: %llu KiB needed, %llu KiB there",
           (unsigned long long)memmap_total(&out->usable) >> 10,
           (unsigned long long)bytes_in(&out->usable, POOL_FIRST_END, X86_PAGE_SIZE) >> 10, POOL_MIN >> 10,
           (unsigned long long)tables_need(&out->near) >> 10);
    return false;
}
