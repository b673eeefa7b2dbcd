/* The walk over Multiboot2's tags: what it finds, where the structure lies, cut and damaged bytes. */

#include "mb2_blob.h"

#include <stdio.h>

static void a_full_structure(void **state)
{
    struct blob blob = mb2_full();
    struct boot_info info = mb2_good(&blob);

    (void)state;
    assert_string_equal(info.line, "tests=self_* list");
    assert_int_equal(info.map_count, 3);
    assert_true(info.map[1].start == 0x200000 && info.map[1].end == 0x300000);
    assert_true(info.map[0].usable && !info.map[1].usable && info.map[2].usable);
    assert_int_equal(info.module_count, 2);
    assert_true(info.modules[0].start == BLOB_START && info.modules[0].end == BLOB_START + blob.size);
    assert_true(info.modules[1].start == 0x200000 && info.modules[1].end == 0x201234);
    assert_false(info.modules[0].usable || info.modules[1].usable);
    assert_true(info.framebuffer.address == 0xfd000000);
    assert_int_equal(info.rsdp_size, 36);
    assert_true(info.efi && info.efi_system_table == 0x7f000018);
    assert_true(info.rsdp == 0);
}

static void a_small_structure_leaves_the_rest_empty(void **state)
{
    struct blob blob = mb2_small();
    struct boot_info info = mb2_good(&blob);

    (void)state;
    assert_string_equal(info.line, "");
    assert_int_equal(info.map_count, 1);
    assert_int_equal(info.module_count, 1);
    assert_true(info.framebuffer.address == 0 && info.framebuffer.width == 0);
    assert_true(info.rsdp_size == 0 && info.rsdp == 0);
    assert_true(!info.efi && info.efi_system_table == 0);
}

static void inside_a_larger_view(void **state)
{
    struct blob blob = mb2_small();
    struct blob around = {.size = 0};
    struct boot_info out;
    char err[ERR_SIZE];

    (void)state;
    blob_put(&around, "01234567", 8);
    blob_put(&around, blob.bytes, blob.size);
    blob_put(&around, "89abcdef", 8);
    assert_true(blob_parse(mb2_parse, "multiboot2", &around, around.size, 8, &out, err));
    assert_true(out.modules[0].start == BLOB_START + 8 && out.modules[0].end == BLOB_START + 8 + blob.size);
}

static void at_the_wrong_place(void **state)
{
    static const struct {
        uint64_t at;
        const char *want;
    } rows[] = {
        {1, "boot information at 0x12340001 is misaligned"},
        {4, "boot information at 0x12340004 is misaligned"},
        {0x1000, "boot information at 0x12341000 lies outside the readable memory"},
        {(uint64_t)-8, "boot information at 0x1233fff8 lies outside the readable memory"},
        {(uint64_t)0 - BLOB_START, "boot information at 0x0 lies outside the readable memory"},
        {(uint64_t)-8 - BLOB_START,
         "boot information at 0xfffffffffffffff8 lies outside the readable memory"},
    };
    struct blob blob = mb2_small();

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct boot_info out;
        char err[ERR_SIZE], want[ERR_SIZE];

        assert_false(blob_parse(mb2_parse, "multiboot2", &blob, blob.size, rows[i].at, &out, err));
        snprintf(want, sizeof(want), "multiboot2: %s", rows[i].want);
        assert_string_equal(err, want);
    }
}

/* The view ends early, and the structure says so or not: never accepted. */
static void cut_at_every_length(void **state)
{
    struct blob blob = mb2_full();

    (void)state;
    for (size_t size = 0; size < blob.size; size++) {
        struct blob honest = blob;
        struct boot_info out;
        char err[ERR_SIZE];

        assert_false(blob_parse(mb2_parse, "multiboot2", &blob, size, 0, &out, err));
        blob_set32(&honest, 0, (uint32_t)size);
        assert_false(blob_parse(mb2_parse, "multiboot2", &honest, size, 0, &out, err));
        assert_false(blob_parse(mb2_parse, "multiboot2", &honest, blob.size, 0, &out, err));
    }
}

static void damaged_in_every_bit(void **state)
{
    struct blob blob = mb2_full();

    (void)state;
    blob_damage(mb2_parse, "multiboot2", &blob);
}

static void small_message_buffers(void **state)
{
    const char *want = "multiboot2: boot information has no end tag";
    struct blob blob = mb2_small();
    struct phys_view view = {blob.bytes, 0, blob.size};

    (void)state;
    blob_set32(&blob, 0, 48);
    for (size_t size = 0; size <= strlen(want) + 1; size++) {
        char *err = exact_room(size);
        struct boot_info out;

        assert_false(mb2_parse(&view, 0, &out, err, size));
        if (size > 0) {
            assert_memory_equal(err, want, size - 1);
            assert_int_equal(err[size - 1], '\0');
        }
        exact_free(err);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_structure),      cmocka_unit_test(a_small_structure_leaves_the_rest_empty),
        cmocka_unit_test(inside_a_larger_view),  cmocka_unit_test(at_the_wrong_place),
        cmocka_unit_test(cut_at_every_length),   cmocka_unit_test(damaged_in_every_bit),
        cmocka_unit_test(small_message_buffers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
