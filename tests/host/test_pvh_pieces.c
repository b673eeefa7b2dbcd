/* What PVH start info points to: the command line, the memory map, the modules. */

#include "pvh_blob.h"

/* Every pointer just outside, half outside and wrapping around. */
static void pointers_to_nowhere(void **state)
{
    static const struct {
        size_t field;
        const char *what;
        uint64_t size; /* of the first thing read there */
    } fields[] = {
        {MODULES, "module list entry", MODULE_SIZE},
        {LINE, "command line", 1},
        {MAP, "memory map entry", RANGE_SIZE},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(fields); i++) {
        struct blob blob = pvh_full();
        const uint64_t places[] = {1, BLOB_START - 1, BLOB_START + blob.size - fields[i].size + 1, UINT64_MAX,
                                   UINT64_MAX - fields[i].size + 1};

        for (size_t p = 0; p < COUNT(places); p++) {
            char want[ERR_SIZE];

            blob_set64(&blob, fields[i].field, places[p]);
            snprintf(want, sizeof(want), "%s at 0x%llx lies outside the readable memory", fields[i].what,
                     (unsigned long long)places[p]);
            assert_pvh_refused(&blob, want);
        }
    }
}

static void command_lines(void **state)
{
    char line[BOOT_LINE_SIZE + 1];

    (void)state;
    for (size_t length = BOOT_LINE_SIZE - 2; length <= BOOT_LINE_SIZE; length++) {
        struct blob blob = pvh_small();

        memset(line, 'x', length);
        line[length] = '\0';
        pvh_line(&blob, line);
        if (length < BOOT_LINE_SIZE) {
            struct boot_info info = pvh_good(&blob);

            assert_string_equal(info.line, line);
        } else {
            assert_pvh_refused(&blob, "command line is longer than 2047 characters");
        }
    }
}

static void memory_maps(void **state)
{
    struct blob blob = pvh_start();
    struct boot_info info;

    (void)state;
    assert_pvh_refused(&blob, "memory map is missing or empty");
    pvh_map(&blob, 0);
    assert_pvh_refused(&blob, "memory map is missing or empty");
    blob = pvh_small();
    blob_set64(&blob, MAP, 0); /* a count and no map */
    assert_pvh_refused(&blob, "memory map is missing or empty");
    blob = pvh_small();
    blob_set64(&blob, INFO_SIZE + 8, 0); /* one entry of no length */
    assert_pvh_refused(&blob, "memory map is missing or empty");
    blob_set64(&blob, INFO_SIZE, 0xfffffffffffff000);
    blob_set64(&blob, INFO_SIZE + 8, 0x1000);
    assert_pvh_refused(&blob, "memory map entry at 0xfffffffffffff000 of 0x1000 bytes wraps around");

    blob = pvh_start();
    pvh_map(&blob, BOOT_MAP_MAX);
    info = pvh_good(&blob);
    assert_int_equal(info.map_count, BOOT_MAP_MAX);
    blob_set32(&blob, MAP_COUNT, BOOT_MAP_MAX + 1);
    assert_pvh_refused(&blob, "memory map has more than 256 entries");
    blob_set32(&blob, MAP_COUNT, 0xffffffff);
    assert_pvh_refused(&blob, "memory map has more than 256 entries");

    for (uint32_t type = 0; type < 10; type++) {
        blob = pvh_small();
        blob_set32(&blob, INFO_SIZE + 16, type);
        info = pvh_good(&blob);
        assert_int_equal(info.map[0].usable, type == 1);
    }
}

static void module_lists(void **state)
{
    struct blob blob = pvh_small();
    struct boot_info info;

    (void)state;
    pvh_modules(&blob, 14); /* with the start info, the map and the list, without the empty first: 16 */
    info = pvh_good(&blob);
    assert_int_equal(info.module_count, 16);
    blob = pvh_small();
    pvh_modules(&blob, 15);
    assert_pvh_refused(&blob, "boot information and modules are more than 16 pieces");
    blob_set32(&blob, MODULE_COUNT, 17);
    assert_pvh_refused(&blob, "module list has more than 16 entries");
    blob_set32(&blob, MODULE_COUNT, 0xffffffff);
    assert_pvh_refused(&blob, "module list has more than 16 entries");
    blob_set64(&blob, MODULES, 0);
    blob_set32(&blob, MODULE_COUNT, 3);
    assert_pvh_refused(&blob, "module list has 3 entries and no address");

    blob = pvh_small();
    pvh_modules(&blob, 16);
    for (unsigned i = 0; i < 16; i++) /* as many as a list may have, all of no length */
        blob_set64(&blob, blob.size - (i + 1) * MODULE_SIZE + 8, 0);
    info = pvh_good(&blob);
    assert_int_equal(info.module_count, 3);

    blob = pvh_small();
    pvh_modules(&blob, 1);
    blob_set64(&blob, blob.size - MODULE_SIZE, UINT64_MAX - 6);
    blob_set64(&blob, blob.size - MODULE_SIZE + 8, 6);
    info = pvh_good(&blob);
    assert_true(info.modules[2].end == UINT64_MAX);
    blob_set64(&blob, blob.size - MODULE_SIZE + 8, 7);
    assert_pvh_refused(&blob, "module at 0xfffffffffffffff9 of 0x7 bytes wraps around");
    blob_set32(&blob, MODULE_COUNT, 0); /* a list without entries is not read */
    blob_set64(&blob, MODULES, UINT64_MAX);
    pvh_good(&blob);
}

/* All pointers at the same bytes: strange, and harmless. */
static void overlapping_pieces(void **state)
{
    struct blob blob = pvh_start();
    struct boot_info info;

    (void)state;
    pvh_map(&blob, 2);
    pvh_modules(&blob, 1);
    blob_set64(&blob, MODULES, BLOB_START + INFO_SIZE);
    blob_set64(&blob, LINE, BLOB_START + INFO_SIZE);
    info = pvh_good(&blob);
    assert_string_equal(info.line, "");
    assert_int_equal(info.map_count, 2);
    assert_int_equal(info.module_count, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pointers_to_nowhere), cmocka_unit_test(command_lines),
        cmocka_unit_test(memory_maps),         cmocka_unit_test(module_lists),
        cmocka_unit_test(overlapping_pieces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
