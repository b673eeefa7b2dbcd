/* Firmware maps against rows by hand: order, parts of pages, the top of memory, maps that are full. */

#include "memmap_tidy.h"

static void assert_ranges(const struct memmap *map, const uint64_t (*want)[2], unsigned count)
{
    assert_int_equal(map->count, count);
    for (unsigned i = 0; i < count; i++) {
        assert_true(map->range[i].start == want[i][0] && map->range[i].end == want[i][1]);
        assert_true(map->range[i].usable);
    }
}

static void maps_of_real_machines(void **state)
{
    static const struct mem_range bios[] = {
        {0, 0x9fc00, true},
        {0x9fc00, 0xa0000, false},
        {0xf0000, 0x100000, false},
        {0x100000, 0x7fe0000, true},
        {0x7fe0000, 0x8000000, false},
        {0xfd00000000, 0x10000000000, false},
        {0x100000000, 0x180000000, true},
    };
    static const uint64_t want[][2] = {{0, 0x9f000}, {0x100000, 0x7fe0000}, {0x100000000, 0x180000000}};
    struct memmap map;

    (void)state;
    assert_true(memmap_usable(bios, COUNT(bios), &map));
    assert_ranges(&map, want, COUNT(want));
    assert_true(memmap_total(&map) == 0x9f000 + 0x7ee0000 + 0x80000000);
    assert_true(memmap_usable(bios, 0, &map));
    assert_int_equal(map.count, 0);
    assert_true(memmap_total(&map) == 0);
}

static void pages_made_of_parts(void **state)
{
    static const struct mem_range touching[] = {
        {0x1800, 0x2000, true}, {0x800, 0x1800, true}, {0, 0x800, true}};
    static const struct mem_range hole[] = {{0, 0x4000, true}, {0x1fff, 0x2001, false}};
    static const struct mem_range nothing[] = {{0x1001, 0x2fff, true}, {0x5000, 0x5000, true}, {9, 3, true}};
    static const struct mem_range no_hole[] = {
        {0, 0x4000, true}, {0x1800, 0x1800, false}, {0x3000, 0x1000, false}};
    struct memmap map;

    (void)state;
    assert_true(memmap_usable(touching, COUNT(touching), &map));
    assert_ranges(&map, (const uint64_t[][2]){{0, 0x2000}}, 1);
    assert_true(memmap_usable(hole, COUNT(hole), &map));
    assert_ranges(&map, (const uint64_t[][2]){{0, 0x1000}, {0x3000, 0x4000}}, 2);
    assert_true(memmap_usable(nothing, COUNT(nothing), &map));
    assert_int_equal(map.count, 0);
    assert_true(memmap_usable(no_hole, COUNT(no_hole), &map));
    assert_ranges(&map, (const uint64_t[][2]){{0, 0x4000}}, 1);
}

/* Five ranges that overlap, contain and touch each other, in all 120 orders. */
static void the_order_does_not_matter(void **state)
{
    static const struct mem_range ranges[5] = {
        {0x1000, 0x9000, true},  {0x4000, 0xc000, true},  {0x3000, 0x5000, false},
        {0xb800, 0xe000, false}, {0xc000, 0x10000, true},
    };

    (void)state;
    for (unsigned order = 0; order < 120; order++) {
        struct mem_range left[5], shuffled[5];
        struct memmap map;
        unsigned rest = order;

        memcpy(left, ranges, sizeof(left));
        for (unsigned n = 5; n > 0; n--) {
            unsigned pick = rest % n;

            rest /= n;
            shuffled[n - 1] = left[pick];
            left[pick] = left[n - 1];
        }
        assert_true(memmap_usable(shuffled, 5, &map));
        assert_ranges(&map, (const uint64_t[][2]){{0x1000, 0x3000}, {0x5000, 0xb000}, {0xe000, 0x10000}}, 3);
    }
}

/* The end of memory as a 64-bit number can say it: the last, incomplete page is nobody's. */
static void at_the_top(void **state)
{
    static const struct mem_range all[] = {{0, UINT64_MAX, true}};
    static const struct mem_range taken[] = {{0, UINT64_MAX, true}, {0xffffffffffffe001, UINT64_MAX, false}};
    static const struct mem_range last[] = {{0xfffffffffffff800, UINT64_MAX, true}};
    struct memmap map;

    (void)state;
    assert_true(memmap_usable(all, 1, &map));
    assert_ranges(&map, (const uint64_t[][2]){{0, 0xfffffffffffff000}}, 1);
    assert_true(memmap_remove(&map, 0xffffffffffffd800, UINT64_MAX));
    assert_ranges(&map, (const uint64_t[][2]){{0, 0xffffffffffffd000}}, 1);
    assert_true(memmap_remove(&map, UINT64_MAX, UINT64_MAX));
    assert_true(memmap_remove(&map, 0, UINT64_MAX));
    assert_int_equal(map.count, 0);
    assert_true(memmap_usable(taken, 2, &map));
    assert_ranges(&map, (const uint64_t[][2]){{0, 0xffffffffffffe000}}, 1);
    assert_true(memmap_usable(last, 1, &map));
    assert_int_equal(map.count, 0);
}

/* count pages, each with a hole behind it. */
static struct mem_range *separate_pages(unsigned count)
{
    struct mem_range *ranges = malloc(count * sizeof(*ranges));

    assert_non_null(ranges);
    for (unsigned i = 0; i < count; i++)
        ranges[i] = (struct mem_range){i * 4 * PAGE, (i * 4 + 3) * PAGE, true};
    return ranges;
}

static void full_maps(void **state)
{
    struct mem_range *ranges = separate_pages(MEMMAP_MAX + 1);
    struct memmap *map = malloc(sizeof(*map));
    struct memmap before;

    (void)state;
    assert_non_null(map);
    assert_false(memmap_usable(ranges, MEMMAP_MAX + 1, map));
    assert_int_equal(map->count, 0);
    assert_true(memmap_usable(ranges, MEMMAP_MAX, map));
    assert_int_equal(map->count, MEMMAP_MAX);

    memcpy(&before, map, sizeof(before)); /* a split needs a place more; what does not split still works */
    assert_false(memmap_remove(map, PAGE, 2 * PAGE));
    assert_memory_equal(map, &before, sizeof(before));
    assert_true(memmap_remove(map, 2 * PAGE, 5 * PAGE));
    assert_int_equal(map->count, MEMMAP_MAX);
    assert_true(memmap_remove(map, 4 * PAGE, 7 * PAGE));
    assert_int_equal(map->count, MEMMAP_MAX - 1);
    assert_true(memmap_remove(map, 9 * PAGE, 10 * PAGE));
    assert_int_equal(map->count, MEMMAP_MAX);
    assert_tidy(map);
    free(map);
    free(ranges);
}

/* The worst that a boot loader's map can be: every second entry splits. */
static void every_map_of_a_boot_loader_fits(void **state)
{
    struct mem_range *ranges = separate_pages(BOOT_MAP_MAX);
    struct memmap map;

    (void)state;
    ranges[0].end = 4 * PAGE * BOOT_MAP_MAX;
    for (unsigned i = 1; i < BOOT_MAP_MAX; i++)
        ranges[i].usable = false;
    assert_true(memmap_usable(ranges, BOOT_MAP_MAX, &map));
    assert_int_equal(map.count, BOOT_MAP_MAX);
    assert_tidy(&map);
    free(ranges);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maps_of_real_machines),
        cmocka_unit_test(pages_made_of_parts),
        cmocka_unit_test(the_order_does_not_matter),
        cmocka_unit_test(at_the_top),
        cmocka_unit_test(full_maps),
        cmocka_unit_test(every_map_of_a_boot_loader_fits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
