/* PVH start info: its fields, where it lies, cut and damaged bytes. */

#include "pvh_blob.h"

static void assert_range(const struct mem_range *range, uint64_t start, uint64_t size)
{
    assert_true(range->start == start && range->end == start + size);
}

static void a_full_structure(void **state)
{
    struct blob blob = pvh_full();
    struct boot_info info = pvh_good(&blob);

    (void)state;
    assert_string_equal(info.line, "tests=self_* list");
    assert_true(info.rsdp == 0xf5010);
    assert_int_equal(info.map_count, 3);
    assert_range(&info.map[1], 0x200000, 0x100000);
    assert_true(info.map[0].usable && !info.map[1].usable && info.map[2].usable);
    assert_int_equal(info.module_count, 6); /* four pieces; the first module has no length */
    assert_range(&info.modules[0], BLOB_START, INFO_SIZE);
    assert_range(&info.modules[1], BLOB_START + INFO_SIZE, 18);
    assert_range(&info.modules[2], BLOB_START + INFO_SIZE + 18, 3 * RANGE_SIZE);
    assert_range(&info.modules[3], 0x40001000, 1);
    assert_range(&info.modules[4], 0x40002000, 2);
    assert_range(&info.modules[5], BLOB_START + INFO_SIZE + 18 + 3 * RANGE_SIZE + 1, 3 * MODULE_SIZE);
    assert_true(info.rsdp_size == 0 && !info.efi && info.efi_system_table == 0 &&
                info.framebuffer.address == 0);
}

static void a_small_structure_leaves_the_rest_empty(void **state)
{
    struct blob blob = pvh_small();
    struct boot_info info = pvh_good(&blob);

    (void)state;
    assert_string_equal(info.line, "");
    assert_int_equal(info.map_count, 1);
    assert_int_equal(info.module_count, 2);
    assert_true(info.rsdp == 0);
}

static void magic_and_version(void **state)
{
    struct blob blob = pvh_small();

    (void)state;
    blob_set32(&blob, MAGIC, 0x336ec579);
    assert_pvh_refused(&blob, "start info has magic 0x336ec579, not 0x336ec578");
    blob = pvh_small();
    blob_set32(&blob, VERSION, 0);
    assert_pvh_refused(&blob, "start info has version 0, which has no memory map");
    blob_set32(&blob, VERSION, 2); /* read as version 1 */
    pvh_good(&blob);
    blob_set32(&blob, VERSION, 0xffffffff);
    pvh_good(&blob);
}

static void at_the_wrong_place(void **state)
{
    struct blob blob = pvh_small();
    struct boot_info out;
    char err[ERR_SIZE];

    (void)state;
    assert_false(blob_parse(pvh_parse, "pvh", &blob, blob.size, blob.size, &out, err));
    assert_string_equal(err, "pvh: start info at 0x12340050 lies outside the readable memory");
    assert_false(blob_parse(pvh_parse, "pvh", &blob, blob.size, (uint64_t)-1, &out, err));
    assert_string_equal(err, "pvh: start info at 0x1233ffff lies outside the readable memory");
}

static void cut_at_every_length(void **state)
{
    struct blob blob = pvh_full();
    struct boot_info out;
    char err[ERR_SIZE];

    (void)state;
    for (size_t size = 0; size < blob.size; size++)
        assert_false(blob_parse(pvh_parse, "pvh", &blob, size, 0, &out, err));
}

static void damaged_in_every_bit(void **state)
{
    struct blob blob = pvh_full();

    (void)state;
    blob_damage(pvh_parse, "pvh", &blob);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_structure),    cmocka_unit_test(a_small_structure_leaves_the_rest_empty),
        cmocka_unit_test(magic_and_version),   cmocka_unit_test(at_the_wrong_place),
        cmocka_unit_test(cut_at_every_length), cmocka_unit_test(damaged_in_every_bit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
