/* MADT: its fields, the sizes of its entries, its limits, and damage to all tables under a good checksum. */

#include "acpi_tables.h"

static void assert_madt_refused(struct blob *blob, size_t table, const char *want)
{
    struct answers a;
    char full[ERR_SIZE];

    table_end(blob, table);
    a = only(blob, table);
    snprintf(full, sizeof(full), "MADT at 0x7fe01000: %s", want);
    assert_int_equal(a.madt, ACPI_BAD);
    assert_string_equal(a.madt_err, full);
}

static void madt_fields(void **state)
{
    struct blob blob = {.size = 0};
    const struct acpi_madt *m = &blob_madt;

    (void)state;
    assert_int_equal(only(&blob, madt_put(&blob)).madt, ACPI_OK);
    assert_true(m->local_apic == 0x123fee00000 && m->has_8259);
    assert_int_equal(m->cpu_count, 4);
    assert_int_equal(m->disabled_count, 2);
    assert_int_equal(m->online_capable_count, 1);
    assert_true(m->cpu[0].apic_id == 0 && m->cpu[1].apic_id == 6 && m->cpu[1].uid == 1);
    assert_true(m->cpu[2].apic_id == 0x10003 && m->cpu[2].uid == 3 && m->cpu[3].apic_id == 0x42);
    assert_int_equal(m->io_apic_count, 1);
    assert_true(m->io_apic[0].id == 9 && m->io_apic[0].address == 0xfec00000 && m->io_apic[0].first_gsi == 0);
    assert_int_equal(m->override_count, 2);
    assert_true(m->override[0].irq == 0 && m->override[0].gsi == 2 && m->override[0].flags == 0);
    assert_true(m->override[1].irq == 9 && m->override[1].gsi == 9 && m->override[1].flags == 0xd);
}

static void madt_without_override_of_the_address(void **state)
{
    struct blob blob = {.size = 0};
    size_t table = madt_start(&blob);

    (void)state;
    blob_set(&blob, table + 40, 0, 4);
    table_end(&blob, table);
    assert_int_equal(only(&blob, table).madt, ACPI_OK);
    assert_true(blob_madt.local_apic == 0xfee00000 && !blob_madt.has_8259 && blob_madt.cpu_count == 0);
}

static void broadcast_ids_are_no_processors(void **state)
{
    struct blob blob = {.size = 0};
    size_t table = madt_start(&blob);

    (void)state;
    madt_local_apic(&blob, 0, 0xff, 1);
    madt_local_x2apic(&blob, 1, 0xffffffff, 1);
    madt_local_x2apic(&blob, 2, 0xff, 1); /* an ID like any other there */
    table_end(&blob, table);
    assert_int_equal(only(&blob, table).madt, ACPI_OK);
    assert_true(blob_madt.cpu_count == 1 && blob_madt.cpu[0].apic_id == 0xff &&
                blob_madt.disabled_count == 2 && blob_madt.online_capable_count == 0);
}

static void madt_entry_sizes(void **state)
{
    static const uint8_t least[] = {[0] = 8, [1] = 12, [2] = 10, [5] = 12, [9] = 16, [3] = 2, [255] = 2};
    char want[ERR_SIZE];

    (void)state;
    for (unsigned type = 0; type < 256; type++) {
        unsigned need = least[type] ? least[type] : 2;

        for (unsigned size = 0; size < 24; size++) {
            struct blob blob = {.size = 0};
            size_t table = madt_start(&blob);

            blob_put(&blob, type | size << 8, 2);
            while (blob.size < MADT_ENTRIES + size)
                blob_put(&blob, 0, 1);
            snprintf(want, sizeof(want), "entry at offset 44 of type %u has size %u, want %u", type, size,
                     need);
            if (size < need) {
                assert_madt_refused(&blob, table, want);
                continue;
            }
            table_end(&blob, table);
            assert_int_equal(only(&blob, table).madt, ACPI_OK);
        }
    }
}

static void madt_that_ends_too_early(void **state)
{
    struct blob blob = {.size = 0};
    size_t table = madt_start(&blob);

    (void)state;
    blob_put(&blob, 0, 1);
    assert_madt_refused(&blob, table, "2 bytes at offset 44 end outside its length 45");
    blob = (struct blob){.size = 0};
    table = madt_start(&blob);
    madt_local_apic(&blob, 0, 0, 1);
    blob_put(&blob, 9 | 16 << 8, 4);
    assert_madt_refused(&blob, table,
                        "entry at offset 52 of type 9 has size 16 and ends outside its length 56");
    blob = (struct blob){.size = 0};
    table = table_start(&blob, "APIC", 3);
    blob_put(&blob, 0, 7);
    assert_madt_refused(&blob, table, "its length 43 is not between 44 and 1048576");
}

static void madt_limits(void **state)
{
    struct blob blob = {.size = 0};
    size_t table = madt_start(&blob);

    (void)state;
    for (unsigned i = 0; i < ACPI_IO_APICS_MAX; i++)
        madt_io_apic(&blob, i, i << 12, i);
    table_end(&blob, table);
    assert_int_equal(only(&blob, table).madt, ACPI_OK);
    assert_int_equal(blob_madt.io_apic_count, ACPI_IO_APICS_MAX);
    blob = (struct blob){.size = 0};
    table = madt_start(&blob);
    for (unsigned i = 0; i <= ACPI_IO_APICS_MAX; i++)
        madt_io_apic(&blob, i, i << 12, i);
    assert_madt_refused(&blob, table, "more than 256 I/O APICs are listed");
    blob = (struct blob){.size = 0};
    table = madt_start(&blob);
    for (unsigned i = 0; i <= ACPI_OVERRIDES_MAX; i++)
        madt_override(&blob, 0, i, i, 0);
    assert_madt_refused(&blob, table, "more than 256 interrupt source overrides are listed");
    blob = (struct blob){.size = 0};
    table = madt_start(&blob);
    madt_override(&blob, 1, 0, 0, 0);
    assert_madt_refused(&blob, table, "an interrupt source override names bus 1, not ISA (0)");
}

/* A table of more processors than a blob holds, made while it is read. */
static bool many_read(void *context, uint64_t at, void *to, size_t size)
{
    static uint8_t bytes[44 + (ACPI_CPUS_MAX + 1) * 16];
    const unsigned *cpus = context;
    uint32_t length = 44 + *cpus * 16;
    uint8_t sum = 0;

    if (at >= BLOB_START && at - BLOB_START + size <= 44) { /* the root: one entry */
        uint64_t entry = BLOB_START + 0x1000;

        memset(bytes, 0, 44);
        memcpy(bytes, "XSDT", 4);
        bytes[4] = 44;
        memcpy(bytes + 36, &entry, 8);
        for (unsigned i = 0; i < 44; i++)
            sum = (uint8_t)(sum + bytes[i]);
        bytes[9] = (uint8_t)-sum;
        memcpy(to, bytes + (at - BLOB_START), size);
        return true;
    }
    assert_true(at >= BLOB_START + 0x1000 && at - BLOB_START - 0x1000 + size <= length);
    at -= BLOB_START + 0x1000;
    if (at == 0) {
        memset(bytes, 0, sizeof(bytes));
        memcpy(bytes, "APIC", 4);
        memcpy(bytes + 4, &length, 4);
        for (uint32_t i = 0; i < *cpus; i++) {
            const uint32_t entry[4] = {9 | 16 << 8, i * 3, 1, i};

            memcpy(bytes + 44 + (size_t)i * 16, entry, 16);
        }
        for (uint32_t i = 0; i < length; i++)
            sum = (uint8_t)(sum + bytes[i]);
        bytes[9] = (uint8_t)-sum;
    }
    memcpy(to, bytes + at, size);
    return true;
}

static void thousands_of_processors(void **state)
{
    unsigned cpus = ACPI_CPUS_MAX;
    struct acpi acpi;
    struct blob blob = {.size = 0};
    struct phys_memory memory = {many_read, &cpus};
    char err[ERR_SIZE];

    (void)state;
    blob_root(&blob, NULL, 0, true);
    assert_int_equal(acpi_open(&memory, &blob.boot, &acpi, err, sizeof(err)), ACPI_OK);
    assert_int_equal(acpi_madt_read(&acpi, &blob_madt, err, sizeof(err)), ACPI_OK);
    assert_int_equal(blob_madt.cpu_count, ACPI_CPUS_MAX);
    assert_int_equal(blob_madt.cpu[ACPI_CPUS_MAX - 1].apic_id, (ACPI_CPUS_MAX - 1) * 3);
    cpus++;
    assert_int_equal(acpi_madt_read(&acpi, &blob_madt, err, sizeof(err)), ACPI_BAD);
    assert_string_equal(err, "MADT at 0x7fe02000: more than 4096 processors are enabled");
}

/* Any outcome is right that blob_read() accepts; the sanitizers and exact memory watch the reads. */
static void hostile_numbers_under_a_good_checksum(void **state)
{
    static const uint32_t hostile[] = {0, 1, 3, 7, 8, 0xff, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff};
    uint64_t seed = 1;
    unsigned good = 0, bad = 0;

    (void)state;
    for (unsigned round = 0; round < 20000; round++) {
        struct blob blob = {.size = 0};
        size_t table = rng_next(&seed) & 1 ? madt_put(&blob) : spcr_put(&blob, 4, 7, 0);
        struct answers a;

        for (uint64_t n = rng_next(&seed) % 4 + 1; n > 0; n--)
            blob_set(&blob, HEAD_SIZE + rng_next(&seed) % (blob.size - HEAD_SIZE - 3),
                     rng_next(&seed) & 1 ? hostile[rng_next(&seed) % COUNT(hostile)] : rng_next(&seed), 4);
        table_end(&blob, table);
        a = only(&blob, table);
        good += a.madt == ACPI_OK || a.spcr == ACPI_OK;
        bad += a.madt == ACPI_BAD || a.spcr == ACPI_BAD;
    }
    assert_true(good > 1000 && bad > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(madt_fields),
        cmocka_unit_test(madt_without_override_of_the_address),
        cmocka_unit_test(broadcast_ids_are_no_processors),
        cmocka_unit_test(madt_entry_sizes),
        cmocka_unit_test(madt_that_ends_too_early),
        cmocka_unit_test(madt_limits),
        cmocka_unit_test(thousands_of_processors),
        cmocka_unit_test(hostile_numbers_under_a_good_checksum),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
