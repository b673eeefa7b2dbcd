/* Boot information of either loader, and the memory that is left of its map when everything else is taken
 * out, as kernel/memory.c does. Input: one byte that chooses the loader, then memory that begins with the
 * structure. */

#include "fuzz.h"

#include "memmap.h"

#define PAGE 0x1000ull

static void ranges_hold(const struct mem_range *range, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        HOLDS(range[i].start < range[i].end);
}

/* Sorted, disjoint, not touching, whole pages; and the sum agrees. */
static void tidy_holds(const struct memmap *map)
{
    uint64_t total = 0;

    HOLDS(map->count <= MEMMAP_MAX);
    ranges_hold(map->range, map->count);
    for (unsigned i = 0; i < map->count; i++) {
        HOLDS(map->range[i].usable && map->range[i].start % PAGE == 0 && map->range[i].end % PAGE == 0);
        HOLDS(i == 0 || map->range[i - 1].end < map->range[i].start);
        total += map->range[i].end - map->range[i].start;
    }
    HOLDS(memmap_total(map) == total);
}

static void untouched_holds(const struct memmap *map, struct mem_range other)
{
    for (unsigned i = 0; i < map->count; i++)
        HOLDS(map->range[i].end <= other.start || map->range[i].start >= other.end);
}

/* Every byte is in a usable range of the firmware. */
static void given_holds(const struct memmap *map, const struct boot_info *boot)
{
    for (unsigned i = 0; i < map->count; i++)
        for (uint64_t at = map->range[i].start; at < map->range[i].end;) {
            uint64_t next = at;

            for (unsigned j = 0; j < boot->map_count; j++)
                if (boot->map[j].usable && boot->map[j].start <= at && boot->map[j].end > next)
                    next = boot->map[j].end;
            HOLDS(next > at);
            at = next;
        }
}

static void map_holds(const struct boot_info *boot)
{
    static struct memmap map;

    if (!memmap_usable(boot->map, boot->map_count, &map)) {
        HOLDS(map.count == 0);
        return;
    }
    tidy_holds(&map);
    given_holds(&map, boot);
    for (unsigned i = 0; i < boot->map_count; i++)
        if (!boot->map[i].usable)
            untouched_holds(&map, boot->map[i]);
    for (unsigned i = 0; i < boot->module_count; i++)
        if (memmap_remove(&map, boot->modules[i].start, boot->modules[i].end))
            untouched_holds(&map, boot->modules[i]);
    tidy_holds(&map);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct boot_info boot;
    char err[ERR_SIZE] = "";
    struct phys_view view = {.bytes = data + 1, .start = START, .size = size - 1};

    if (size == 0)
        return 0;
    if (!(data[0] & 1 ? pvh_parse : mb2_parse)(&view, START, &boot, err, sizeof(err))) {
        sentence_holds(err);
        return 0;
    }
    HOLDS(err[0] == '\0' && boot.map_count >= 1 && boot.map_count <= BOOT_MAP_MAX);
    HOLDS(boot.module_count >= 1 && boot.module_count <= BOOT_MODULES_MAX);
    ranges_hold(boot.map, boot.map_count);
    ranges_hold(boot.modules, boot.module_count);
    map_holds(&boot);
    return 0;
}
