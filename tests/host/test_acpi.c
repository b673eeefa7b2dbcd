/* The way to the tables: RSDP old and new, where it is looked for, RSDT and XSDT, cut and damaged bytes. */

#include "acpi_tables.h"

static void assert_open_refused(const struct blob *blob, const char *want)
{
    struct answers a = blob_read(blob);

    assert_int_equal(a.open, ACPI_BAD);
    assert_string_equal(a.open_err, want);
}

static void both_roots_lead_to_all_tables(void **state)
{
    (void)state;
    for (unsigned wide = 0; wide < 2; wide++) {
        struct blob blob = blob_full(wide);
        struct answers a = blob_read(&blob);

        assert_true(a.open == ACPI_OK && a.madt == ACPI_OK && a.spcr == ACPI_OK && a.hpet == ACPI_OK);
        assert_string_equal(a.acpi.root_name, wide ? "XSDT" : "RSDT");
        assert_string_equal(a.acpi.rsdp_source, "multiboot2");
        assert_int_equal(a.acpi.entry_count, 4);
    }
}

static void tables_that_are_not_there(void **state)
{
    struct blob blob = {.size = 0};
    struct answers a;

    (void)state;
    blob_root(&blob, NULL, 0, true);
    a = blob_read(&blob);
    assert_true(a.open == ACPI_OK && a.madt == ACPI_ABSENT && a.spcr == ACPI_ABSENT && a.hpet == ACPI_ABSENT);
    blob.boot.rsdp_size = 0;
    assert_int_equal(blob_read(&blob).open, ACPI_ABSENT);
}

static void an_rsdp_that_is_wrong(void **state)
{
    struct blob blob = blob_full(true);

    (void)state;
    blob.boot.rsdp_copy[1]++;
    assert_open_refused(&blob, "RSDP: its signature is wrong");
    blob = blob_full(true);
    blob.boot.rsdp_copy[10]++;
    assert_open_refused(&blob, "RSDP: its first 20 bytes sum up to 0x01, not to 0");
    blob = blob_full(true);
    blob.boot.rsdp_copy[33] += 3;
    assert_open_refused(&blob, "RSDP: its 36 bytes sum up to 0x03, not to 0");
    blob = blob_full(true);
    blob.boot.rsdp_copy[20] = 35;
    assert_open_refused(&blob, "RSDP: its length is 35, not 36");
}

/* The old form of a new RSDP is as good as an old one. */
static void the_short_copy_of_a_new_rsdp(void **state)
{
    struct blob blob = blob_full(false);
    struct answers a;

    (void)state;
    blob.boot.rsdp_copy[15] = 2;
    blob.boot.rsdp_copy[8] -= 2;
    a = blob_read(&blob);
    assert_int_equal(a.open, ACPI_OK);
    assert_string_equal(a.acpi.root_name, "RSDT");
}

static void a_new_rsdp_without_an_xsdt(void **state)
{
    struct blob blob = blob_full(false);
    uint8_t *rsdp = blob.boot.rsdp_copy;
    struct answers a;

    (void)state;
    rsdp[15] = 2;
    rsdp[8] -= 2;
    memset(rsdp + 24, 0, 8);
    rsdp[32] = 0;
    for (unsigned i = 0; i < 36; i++)
        rsdp[32] -= i == 32 ? 0 : rsdp[i];
    blob.boot.rsdp_size = 36;
    a = blob_read(&blob);
    assert_int_equal(a.open, ACPI_OK);
    assert_string_equal(a.acpi.root_name, "RSDT");
}

/* Puts the RSDP into memory at `at` of a blob that stands at address 0 and reads that. */
static struct answers read_low(const struct blob *from, size_t at, unsigned ebda, uint64_t rsdp, bool efi)
{
    static uint8_t low[0x100000];
    struct exact window = {low, 0, sizeof(low)};
    struct phys_memory memory = {exact_read, &window};
    struct answers a = {.madt = ACPI_ABSENT};
    struct boot_info boot = {.loader = "pvh", .rsdp = rsdp, .efi = efi};
    uint16_t segment = (uint16_t)(ebda >> 4);

    memset(low, 0, sizeof(low));
    memcpy(low + at, from->boot.rsdp_copy, sizeof(low) - at < 36 ? sizeof(low) - at : 36);
    memcpy(low + 0x40e, &segment, sizeof(segment));
    a.open = acpi_open(&memory, &boot, &a.acpi, a.open_err, ERR_SIZE);
    return a;
}

/* No root is in reach there, so the sentence about it shows that the RSDP was found. */
static void where_a_bios_leaves_it(void **state)
{
    struct blob blob = blob_full(true);
    static const struct {
        size_t at;
        unsigned ebda;
        uint64_t rsdp;
        const char *source; /* NULL: not found */
        bool efi;
    } rows[] = {
        {0xf5a10, 0, 0, "bios", false},       {0xe0000, 0, 0, "bios", false},
        {0xfffe0, 0, 0, NULL, false}, /* its second part would end beyond 1 MiB */
        {0xf5a18, 0, 0, NULL, false},         {0x9fc00, 0x9fc00, 0, "ebda", false},
        {0x9fcf0, 0x9fc00, 0, "ebda", false}, {0x9f800, 0x9fc00, 0, NULL, false},
        {0x9fff0, 0x9fc00, 0, NULL, false},   {0x9fc00, 0, 0, NULL, false},
        {0x50003, 0, 0x50003, "pvh", false},  {0xf5a10, 0, 0, NULL, true},
        {0xf5a10, 0, 0xf5a10, "pvh", true},   {0xf5a10, 0x9ff00, 0, "bios", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct answers a = read_low(&blob, rows[i].at, rows[i].ebda, rows[i].rsdp, rows[i].efi);

        if (rows[i].at == 0xfffe0) {
            assert_string_equal(a.open_err, "RSDP: its 36 bytes at 0xfffe0 cannot be read");
            continue;
        }
        assert_int_equal(a.open, rows[i].source ? ACPI_BAD : ACPI_ABSENT);
        if (rows[i].source) {
            assert_string_equal(a.acpi.rsdp_source, rows[i].source);
            assert_begins(a.open_err, "XSDT at 0x7fe0");
        }
    }
    assert_string_equal(read_low(&blob, 0xf5a10, 0, 0x200000, false).open_err,
                        "RSDP: its 20 bytes at 0x200000 cannot be read");
}

static void a_root_that_is_wrong(void **state)
{
    struct blob blob = {.size = 0};
    size_t table = madt_put(&blob);
    size_t root = blob_root(&blob, &table, 1, true);
    struct blob good = blob;

    (void)state;
#define AT "XSDT at 0x7fe010ad: "
    assert_int_equal(root, 0xad);
    blob.bytes[root] = 'Y';
    assert_open_refused(&blob, AT "its signature is not XSDT");
    blob = good;
    blob.bytes[root + 40]++;
    assert_open_refused(&blob, AT "its bytes sum up to 0x01, not to 0");
    blob = good;
    blob_set(&blob, root + 4, 35, 4);
    assert_open_refused(&blob, AT "its length 35 is not between 36 and 1048576");
    blob_set(&blob, root + 4, 0xffffffff, 4);
    assert_open_refused(&blob, AT "its length 4294967295 is not between 36 and 1048576");
    blob_set(&blob, root + 4, 45, 4);
    assert_open_refused(&blob, AT "its 45 bytes cannot all be read");
    blob_put(&blob, 0, 4);
    table_end(&blob, root);
    assert_open_refused(&blob, AT "its length 48 is no whole number of 8-byte entries");
#undef AT
}

static void an_entry_that_leads_nowhere(void **state)
{
    struct blob blob = {.size = 0};
    size_t tables[3] = {(size_t)-1 - BLOB_START, 0x1000000 - BLOB_START, madt_put(&blob)};
    struct answers a;

    (void)state;
    blob_root(&blob, tables, 3, true);
    a = blob_read(&blob);
    assert_int_equal(a.madt, ACPI_OK); /* the others do not matter to it */
    assert_int_equal(a.spcr, ACPI_BAD);
    assert_string_equal(a.spcr_err, "SPCR: not found, and XSDT entry 0 points to 0xffffffffffffffff, which "
                                    "cannot be read");
}

static void cut_at_every_length(void **state)
{
    (void)state;
    for (unsigned wide = 0; wide < 2; wide++) {
        struct blob blob = blob_full(wide);

        for (size_t size = 0; size < blob.size; size++) /* the root is the last thing in it */
            assert_int_equal(blob_read_at(&blob, BLOB_START, size).open, ACPI_BAD);
        for (size_t skip = 1; skip < blob.size; skip++) { /* and from the front */
            struct blob rest = {.size = blob.size - skip, .boot = blob.boot};

            memcpy(rest.bytes, blob.bytes + skip, rest.size);
            blob_read_at(&rest, BLOB_START + skip, rest.size);
        }
    }
}

/* Any one flipped bit breaks the sum of the table that it is in. */
static void damaged_in_every_bit(void **state)
{
    struct blob blob = blob_full(true);

    (void)state;
    for (size_t bit = 0; bit < blob.size * 8; bit++) {
        struct blob damaged = blob;
        struct answers a;

        damaged.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        a = blob_read(&damaged);
        if (bit / 8 >= HEAD_SIZE) /* the first table is one that nobody reads */
            assert_true(a.open != ACPI_OK || a.madt != ACPI_OK || a.spcr != ACPI_OK || a.hpet != ACPI_OK);
    }
    for (size_t bit = 0; bit < 36 * 8; bit++) {
        struct blob damaged = blob;

        damaged.boot.rsdp_copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(blob_read(&damaged).open, ACPI_BAD);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_roots_lead_to_all_tables), cmocka_unit_test(tables_that_are_not_there),
        cmocka_unit_test(an_rsdp_that_is_wrong),         cmocka_unit_test(the_short_copy_of_a_new_rsdp),
        cmocka_unit_test(a_new_rsdp_without_an_xsdt),    cmocka_unit_test(where_a_bios_leaves_it),
        cmocka_unit_test(a_root_that_is_wrong),          cmocka_unit_test(an_entry_that_leads_nowhere),
        cmocka_unit_test(cut_at_every_length),           cmocka_unit_test(damaged_in_every_bit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
