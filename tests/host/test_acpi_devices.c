/* SPCR and HPET: fields, rates and places. */

#include "acpi_tables.h"

static void spcr_fields(void **state)
{
    struct blob blob = {.size = 0};
    struct answers a = only(&blob, spcr_put(&blob, 2, 7, 0));
    const struct acpi_spcr *s = &a.spcr_value;

    (void)state;
    assert_int_equal(a.spcr, ACPI_OK);
    assert_true(s->type == 0 && s->baud == 115200 && s->clock == 0 && !s->pci);
    assert_true(s->registers.space == ACPI_SPACE_IO && s->registers.address == 0x2f8 &&
                s->registers.access_bytes == 1 && s->registers.bit_width == 8);
}

static void spcr_bauds_and_clocks(void **state)
{
    static const struct {
        unsigned revision, code;
        uint32_t precise, baud, clock;
    } rows[] = {{1, 3, 0, 9600, 0},
                {2, 4, 0, 19200, 0},
                {2, 6, 1500000, 57600, 0},
                {3, 7, 0, 115200, 48000000},
                {4, 7, 1500000, 1500000, 48000000},
                {4, 0, 0, 0, 48000000},
                {2, 0, 0, 0, 0}};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct blob blob = {.size = 0};
        struct answers a = only(&blob, spcr_put(&blob, rows[i].revision, rows[i].code, rows[i].precise));

        assert_int_equal(a.spcr, ACPI_OK);
        assert_int_equal(a.spcr_value.baud, rows[i].baud);
        assert_int_equal(a.spcr_value.clock, rows[i].clock);
    }
    for (unsigned code = 0; code < 256; code++) {
        struct blob blob = {.size = 0};
        struct answers a = only(&blob, spcr_put(&blob, 2, code, 0));
        bool known = code == 0 || code == 3 || code == 4 || code == 6 || code == 7;

        assert_int_equal(a.spcr, known ? ACPI_OK : ACPI_BAD);
        if (!known)
            assert_begins(a.spcr_err, "SPCR at 0x7fe01000: its baud rate has the unknown code");
    }
}

static void spcr_places(void **state)
{
    static const uint16_t ids[][2] = {
        {0, 0}, {0xffff, 0x8086}, {0x1234, 0xffff}, {0x1234, 0x8086}, {0, 0x8086}};

    (void)state;
    for (size_t i = 0; i < COUNT(ids); i++) {
        struct blob blob = {.size = 0};
        size_t table = spcr_put(&blob, 2, 0, 0);
        struct answers a;

        blob_set(&blob, table + 64, ids[i][0], 2);
        blob_set(&blob, table + 66, ids[i][1], 2);
        blob_set(&blob, table + 68, 0x070316, 3);
        blob_set(&blob, table + 75, 9, 1);
        blob_sum(&blob, table, blob.size - table, table + 9);
        a = only(&blob, table);
        assert_int_equal(a.spcr_value.pci, i >= 3);
        assert_true(a.spcr_value.bus == 0x16 && a.spcr_value.device == 3 && a.spcr_value.function == 7 &&
                    a.spcr_value.segment == 9);
    }
    for (unsigned access = 0; access < 256; access++) {
        static const unsigned bytes[] = {0, 1, 2, 4, 8};
        struct blob blob = {.size = 0};
        size_t table = spcr_put(&blob, 2, 0, 0);

        blob_set(&blob, table + 40, ACPI_SPACE_MEMORY | 32 << 8 | access << 24, 4);
        blob_set(&blob, table + 44, 0xfedcba9876543210, 8);
        blob_sum(&blob, table, blob.size - table, table + 9);
        assert_int_equal(only(&blob, table).spcr_value.registers.access_bytes,
                         access < 5 ? bytes[access] : 0);
        assert_true(blob_read(&blob).spcr_value.registers.address == 0xfedcba9876543210);
    }
}

static void hpet_fields(void **state)
{
    struct blob blob = {.size = 0};
    struct answers a = only(&blob, hpet_put(&blob));

    (void)state;
    assert_int_equal(a.hpet, ACPI_OK);
    assert_true(a.hpet_value.registers.address == 0xfed00000 && a.hpet_value.id == 0x8086a201);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spcr_fields),
        cmocka_unit_test(spcr_bauds_and_clocks),
        cmocka_unit_test(spcr_places),
        cmocka_unit_test(hpet_fields),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
