/* Multiboot2: sizes that are too small, too large or contradict each other, and the end tag. */

#include "mb2_blob.h"

#include <stdio.h>

static void assert_size_refused(uint32_t size, const char *what)
{
    struct blob blob = mb2_small();
    char want[ERR_SIZE];

    blob_set32(&blob, 0, size);
    snprintf(want, sizeof(want), "multiboot2: %s", what);
    assert_mb2_refused(&blob, want);
}

static void hostile_sizes_of_the_whole(void **state)
{
    static const char *const outside = "tag 6 at offset 8 ends outside the boot information";
    static const char *const endless = "boot information has no end tag";

    (void)state;
    assert_size_refused(0, "boot information of 0 bytes is too short");
    assert_size_refused(7, "boot information of 7 bytes is too short");
    assert_size_refused(15, "boot information of 15 bytes is too short");
    assert_size_refused(16, outside);
    assert_size_refused(47, outside);
    assert_size_refused(48, endless);
    assert_size_refused(55, endless);
    assert_size_refused(57, "boot information of 57 bytes at 0x12340000 ends outside the readable memory");
    assert_size_refused(0x100000,
                        "boot information of 1048576 bytes at 0x12340000 ends outside the readable memory");
    assert_size_refused(0x100001, "boot information of 1048577 bytes is longer than 1048576");
    assert_size_refused(0xffffffff, "boot information of 4294967295 bytes is longer than 1048576");
}

/* Every tag of the full structure with sizes below its head's and beyond the end. */
static void hostile_sizes_of_each_tag(void **state)
{
    struct blob good = mb2_full();
    uint32_t type = 1;
    size_t at = 8;

    (void)state;
    while (type != END) {
        const uint32_t large[] = {(uint32_t)(good.size - at) + 1, 0x7fffffff, 0xfffffff8, 0xffffffff};
        struct blob blob = good;
        uint32_t size;
        char want[ERR_SIZE], name[16];

        memcpy(&type, good.bytes + at, 4);
        memcpy(&size, good.bytes + at + 4, 4);
        snprintf(name, sizeof(name), type == END ? "end tag" : "tag %u", type);
        for (uint32_t less = 0; less < 8; less++) {
            blob_set32(&blob, at + 4, less);
            snprintf(want, sizeof(want), "multiboot2: %s at offset %zu has size %u", name, at, less);
            assert_mb2_refused(&blob, want);
        }
        for (unsigned i = 0; i < COUNT(large) && type != END; i++) {
            blob_set32(&blob, at + 4, large[i]);
            snprintf(want, sizeof(want), "multiboot2: %s at offset %zu ends outside the boot information",
                     name, at);
            assert_mb2_refused(&blob, want);
        }
        at += (size + 7) / 8 * 8;
    }
}

static void the_end_tag(void **state)
{
    struct blob blob = mb2_start();
    size_t at;

    (void)state;
    mb2_map(&blob, 1);
    blob_set32(&blob, 0, (uint32_t)blob.size);
    assert_mb2_refused(&blob, "multiboot2: boot information has no end tag");

    blob = mb2_small();
    blob_set32(&blob, blob.size - 4, 16);
    assert_mb2_refused(&blob, "multiboot2: end tag at offset 48 has size 16");

    blob = mb2_start(); /* something stands behind it */
    at = mb2_tag(&blob, END, "", 0);
    mb2_map(&blob, 1);
    mb2_end(&blob);
    assert_int_equal(at, 8);
    assert_mb2_refused(&blob,
                       "multiboot2: end tag at offset 8 contradicts the size 64 of the boot information");

    blob = mb2_start(); /* a size rounded up to the alignment is no contradiction */
    mb2_map(&blob, 1);
    mb2_end(&blob);
    assert_int_equal(blob.size % 8, 0);
    mb2_good(&blob);
    blob_put64(&blob, 0);
    blob_set32(&blob, 0, (uint32_t)blob.size);
    assert_mb2_refused(&blob,
                       "multiboot2: end tag at offset 48 contradicts the size 64 of the boot information");
}

/* The largest size that is taken: filled with a tag that nobody reads. */
static void as_long_as_allowed(void **state)
{
    struct blob head = mb2_small();
    uint8_t *bytes = calloc(1, 0x100000);
    uint32_t filler[] = {NAME, 0x100000 - 56};
    struct phys_view view = {bytes, 0, 0x100000};
    struct boot_info out;
    char err[ERR_SIZE];

    (void)state;
    assert_non_null(bytes);
    blob_set32(&head, 0, 0x100000);
    memcpy(bytes, head.bytes, 48);
    memcpy(bytes + 48, filler, sizeof(filler));
    memcpy(bytes + 0x100000 - 8, head.bytes + 48, 8);
    assert_true(mb2_parse(&view, 0, &out, err, sizeof(err)));
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_sizes_of_the_whole),
        cmocka_unit_test(hostile_sizes_of_each_tag),
        cmocka_unit_test(the_end_tag),
        cmocka_unit_test(as_long_as_allowed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
