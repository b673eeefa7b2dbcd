/* Each Multiboot2 tag but the memory map: what it says, and how it can be wrong. */

#include "mb2_blob.h"

static void command_lines(void **state)
{
    static const size_t lengths[] = {0, 1, 6, 7, 8, 100, 2046, 2047, 2048};
    struct blob blob;
    struct boot_info info;
    char line[BOOT_LINE_SIZE + 1];

    (void)state;
    for (size_t i = 0; i < COUNT(lengths); i++) {
        size_t length = lengths[i];

        memset(line, 'x', length);
        line[length] = '\0';
        blob = mb2_start();
        mb2_line(&blob, line);
        if (length == BOOT_LINE_SIZE) {
            assert_tag_refused(&blob, true, "command line is longer than 2047 characters");
            continue;
        }
        blob = mb2_ended(blob, true);
        info = mb2_good(&blob);
        assert_string_equal(info.line, line);
        blob.bytes[16 + length] = 'x'; /* in the place of the NUL */
        assert_mb2_refused(&blob, "multiboot2: command line has no NUL at its end");
    }
    blob = mb2_start(); /* what stands behind the NUL is not read */
    mb2_tag(&blob, LINE, "list\0foo", 8);
    blob = mb2_ended(blob, true);
    info = mb2_good(&blob);
    assert_string_equal(info.line, "list");
}

static void modules(void **state)
{
    struct blob blob = mb2_start();
    struct blob whole;
    struct boot_info info;

    (void)state;
    mb2_module(&blob, 0x5000, 0x5000); /* no length: left out */
    for (uint32_t i = 1; i < 16; i++)
        mb2_module(&blob, 0x100000 * i, 0x100000 * i + i);
    whole = mb2_ended(blob, true);
    info = mb2_good(&whole);
    assert_int_equal(info.module_count, 16);
    for (uint32_t i = 1; i < 16; i++)
        assert_true(info.modules[i].start == 0x100000 * i && info.modules[i].end == 0x100000 * i + i);
    mb2_module(&blob, 0, 0xffffffff);
    assert_tag_refused(&blob, true, "boot information and modules are more than 16 pieces");

    blob = mb2_start();
    mb2_module(&blob, 0x2000, 0x1fff);
    assert_tag_refused(&blob, true, "tag 3 at offset 8 holds a module that ends before it starts");
    blob = mb2_start();
    mb2_tag(&blob, MODULE, (const uint32_t[]){0, 1}, 7);
    assert_tag_refused(&blob, true, "tag 3 at offset 8 is too short");
}

static void framebuffers(void **state)
{
    struct blob start = mb2_start();
    struct blob blob;
    struct boot_info info;

    (void)state;
    mb2_framebuffer(&start); /* fields: address at 16, pitch 24, width 28, height 32, bpp 36, type 37 */
    blob = mb2_ended(start, true);
    info = mb2_good(&blob);
    assert_true(info.framebuffer.address == 0xfd000000);
    assert_int_equal(info.framebuffer.pitch, 3200);
    assert_int_equal(info.framebuffer.width, 800);
    assert_int_equal(info.framebuffer.height, 600);
    assert_int_equal(info.framebuffer.bpp, 32);
    assert_int_equal(info.framebuffer.type, 1);

    blob_set32(&start, 12, 30); /* nothing but the fields */
    blob = mb2_ended(start, true);
    mb2_good(&blob);
    blob_set32(&start, 12, 29);
    assert_tag_refused(&start, true, "tag 8 at offset 8 is too short");
    blob_set32(&start, 12, 32);

    blob_set32(&start, 24, 3199);
    assert_tag_refused(&start, true, "tag 8 at offset 8 holds a framebuffer whose lines overlap");
    blob_set32(&start, 24, 3200);
    blob_set32(&start, 28, 0xffffffff);
    assert_tag_refused(&start, true, "tag 8 at offset 8 holds a framebuffer whose lines overlap");
    blob_set32(&start, 28, 0x8000000); /* times 32 bits: 2^32 */
    assert_tag_refused(&start, true, "tag 8 at offset 8 holds a framebuffer whose lines overlap");
    blob_set32(&start, 28, 800);

    blob_set64(&start, 16, UINT64_MAX - 3200 * 600);
    blob = mb2_ended(start, true);
    mb2_good(&blob);
    blob_set64(&start, 16, UINT64_MAX - 3200 * 600 + 1);
    assert_tag_refused(&start, true, "tag 8 at offset 8 holds a framebuffer that wraps around");
    blob_set64(&start, 16, 0xfffffff000000000); /* a size that needs 64 bits */
    blob_set32(&start, 24, 0xffffffff);
    blob_set32(&start, 32, 0xffffffff);
    assert_tag_refused(&start, true, "tag 8 at offset 8 holds a framebuffer that wraps around");
}

/* Old and new, alone and in both orders; the new one wins. */
static void rsdp_copies(void **state)
{
    uint8_t old[20], new[40];

    (void)state;
    memset(old, 0x0d, sizeof(old));
    memset(new, 0x4e, sizeof(new));
    for (unsigned before = 0; before < 2; before++)
        for (unsigned with_new = 0; with_new < 2; with_new++)
            for (unsigned after = 0; after + before < 2; after++) {
                unsigned size = with_new ? 36 : before || after ? 20 : 0;
                uint8_t want[36] = {0};
                struct blob blob = mb2_start();
                struct boot_info info;

                if (before)
                    mb2_tag(&blob, RSDP_OLD, old, sizeof(old));
                if (with_new)
                    mb2_tag(&blob, RSDP_NEW, new, sizeof(new));
                if (after)
                    mb2_tag(&blob, RSDP_OLD, old, sizeof(old));
                blob = mb2_ended(blob, true);
                info = mb2_good(&blob);
                assert_int_equal(info.rsdp_size, size);
                memcpy(want, with_new ? new : old, size);
                assert_memory_equal(info.rsdp_copy, want, sizeof(want));
            }
    for (size_t size = 0; size < 36; size++) {
        struct blob blob = mb2_start();

        mb2_tag(&blob, RSDP_NEW, new, size);
        assert_tag_refused(&blob, true, "tag 15 at offset 8 is too short");
        blob = mb2_start();
        mb2_tag(&blob, RSDP_OLD, new, size);
        if (size < 20)
            assert_tag_refused(&blob, true, "tag 14 at offset 8 is too short");
    }
}

static void efi_tags(void **state)
{
    (void)state;
    for (uint32_t type = 1; type < 32; type++) {
        bool efi = type == EFI32 || type == EFI64 || (type >= EFI_MAP && type <= EFI64_IMAGE);
        struct blob blob = mb2_start();
        struct boot_info info;

        if (type == MODULE || type == MAP)
            continue;
        mb2_tag(&blob, type, (const uint64_t[]){0x1122334455667788, 0, 0, 0, 0}, 40);
        blob = mb2_ended(blob, true);
        info = mb2_good(&blob);
        assert_int_equal(info.efi, efi);
        assert_true(info.efi_system_table == (type == EFI64 ? 0x1122334455667788 : 0));
        assert_int_equal(info.smbios.size, type == SMBIOS ? 32 : 0);
    }
    for (size_t size = 0; size < 8; size++) {
        struct blob blob = mb2_start();

        mb2_tag(&blob, EFI64, "\1\2\3\4\5\6\7", size);
        assert_tag_refused(&blob, true, "tag 12 at offset 8 is too short");
    }
}

/* Only where the structures are is kept, with their version. */
static void smbios_copies(void **state)
{
    (void)state;
    for (size_t size = 0; size < 40; size++) {
        struct blob blob = mb2_start();
        struct boot_info info;
        size_t at = mb2_tag(&blob, SMBIOS, (const uint64_t[]){0x0603, 0, 0, 0, 0}, size);

        if (size < 8) {
            assert_tag_refused(&blob, true, "tag 13 at offset 8 is too short");
            continue;
        }
        blob = mb2_ended(blob, true);
        info = mb2_good(&blob);
        assert_true(info.smbios.at == BLOB_START + at + 16 && info.smbios.size == size - 8);
        assert_int_equal(info.smbios.major, 3);
        assert_int_equal(info.smbios.minor, 6);
    }
}

static void tags_given_twice(void **state)
{
    (void)state;
    for (uint32_t type = 1; type < 32; type++) {
        bool single = type == LINE || type == FRAMEBUFFER || type == EFI32 || type == EFI64 ||
                      type == SMBIOS || type == RSDP_OLD || type == RSDP_NEW ||
                      (type >= EFI_MAP && type <= EFI64_IMAGE);
        struct blob blob = mb2_start();

        if (type == MAP)
            continue;
        for (unsigned i = 0; i < 2; i++)
            mb2_tag(&blob, type, (const uint64_t[]){0, 0, 0, 0, 0}, 40);
        if (single) {
            char want[64];

            snprintf(want, sizeof(want), "tag %u at offset 56 is the second of its type", type);
            assert_tag_refused(&blob, true, want);
        } else {
            blob = mb2_ended(blob, true);
            mb2_good(&blob);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(command_lines),    cmocka_unit_test(modules),  cmocka_unit_test(framebuffers),
        cmocka_unit_test(rsdp_copies),      cmocka_unit_test(efi_tags), cmocka_unit_test(smbios_copies),
        cmocka_unit_test(tags_given_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
