/* Multiboot2's memory map: its entries and its sizes. */

#include "mb2_blob.h"

/* A memory map whose head and entries are given as they are; size is that of the entries. */
static size_t raw_map(struct blob *blob, uint32_t entry_size, const void *entries, size_t size)
{
    size_t at = mb2_tag(blob, MAP, (const uint32_t[]){entry_size, 7}, 8);

    blob_put(blob, entries, size);
    blob_set32(blob, at + 4, (uint32_t)(16 + size));
    return at;
}

static void memory_map_entries(void **state)
{
    static const uint64_t entries[] = {0x1000, 0x2000, 1, 0x99, 0x5000, 0, 1, 0x99, 0x9000, 0x1000, 2, 0x99};
    static const uint64_t top[] = {0xfffffffffffff000, 0xfff, 1}, wraps[] = {0xfffffffffffff000, 0x1000, 1};
    struct blob blob = mb2_start();
    struct boot_info info;

    (void)state;
    raw_map(&blob, 32, entries, sizeof(entries)); /* an entry may grow */
    blob = mb2_ended(blob, false);
    info = mb2_good(&blob);
    assert_int_equal(info.map_count, 2);
    assert_true(info.map[0].start == 0x1000 && info.map[0].end == 0x3000 && info.map[0].usable);
    assert_true(info.map[1].start == 0x9000 && info.map[1].end == 0xa000 && !info.map[1].usable);

    blob = mb2_start();
    raw_map(&blob, 24, top, sizeof(top));
    blob = mb2_ended(blob, false);
    info = mb2_good(&blob);
    assert_true(info.map[0].end == UINT64_MAX);
    blob = mb2_start();
    raw_map(&blob, 24, wraps, sizeof(wraps));
    assert_tag_refused(&blob, false, "memory map entry at 0xfffffffffffff000 of 0x1000 bytes wraps around");

    for (uint32_t type = 0; type < 10; type++) { /* type 1 is memory, everything else is not */
        blob = mb2_start();
        raw_map(&blob, 24, (const uint64_t[]){0, 1, type | 0xffffffff00000000}, 24);
        blob = mb2_ended(blob, false);
        info = mb2_good(&blob);
        assert_int_equal(info.map[0].usable, type == 1);
    }
}

static void memory_map_sizes(void **state)
{
    static const uint32_t wrong[] = {0, 1, 8, 16, 20, 23, 25, 28, 0x7fffffff, 0x80000001, 0xffffffff};
    static const uint32_t larger[] = {56, 64, 80, 0x80000000, 0xfffffff8};
    uint8_t entries[48] = {0};
    struct blob blob;

    (void)state;
    entries[8] = 1;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        blob = mb2_start();
        raw_map(&blob, wrong[i], entries, sizeof(entries));
        assert_tag_refused(&blob, false, "tag 6 at offset 8 holds a memory map with a wrong entry size");
    }
    for (size_t i = 0; i < COUNT(larger); i++) {
        blob = mb2_start();
        raw_map(&blob, larger[i], entries, sizeof(entries));
        assert_tag_refused(&blob, false,
                           "tag 6 at offset 8 holds a memory map that is no whole number of entries");
    }
    for (size_t size = 1; size < sizeof(entries); size++) {
        blob = mb2_start();
        raw_map(&blob, 24, entries, size);
        if (size == 24)
            continue;
        assert_tag_refused(&blob, false,
                           "tag 6 at offset 8 holds a memory map that is no whole number of entries");
    }
    for (size_t size = 0; size < 8; size++) {
        blob = mb2_start();
        mb2_tag(&blob, MAP, entries, size);
        assert_tag_refused(&blob, false, "tag 6 at offset 8 is too short");
    }
}

static void missing_empty_and_long_memory_maps(void **state)
{
    struct blob blob = mb2_start();
    struct boot_info info;

    (void)state;
    assert_tag_refused(&blob, false, "memory map is missing or empty");
    mb2_map(&blob, 0);
    assert_tag_refused(&blob, false, "memory map is missing or empty");
    blob = mb2_start();
    raw_map(&blob, 24, (const uint64_t[]){0x1000, 0, 1}, 24);
    assert_tag_refused(&blob, false, "memory map is missing or empty");

    blob = mb2_start();
    mb2_map(&blob, BOOT_MAP_MAX);
    blob = mb2_ended(blob, false);
    info = mb2_good(&blob);
    assert_int_equal(info.map_count, BOOT_MAP_MAX);
    blob = mb2_start();
    mb2_map(&blob, BOOT_MAP_MAX + 1);
    assert_tag_refused(&blob, false, "memory map has more than 256 entries");
}

static void two_memory_maps(void **state)
{
    struct blob blob = mb2_start();

    (void)state;
    mb2_map(&blob, 1);
    mb2_map(&blob, 0);
    assert_tag_refused(&blob, false, "tag 6 at offset 48 is the second of its type");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_map_entries),
        cmocka_unit_test(memory_map_sizes),
        cmocka_unit_test(missing_empty_and_long_memory_maps),
        cmocka_unit_test(two_memory_maps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
