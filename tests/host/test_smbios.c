/* SMBIOS structures: strings, their numbers, lengths, and every way in which they may be cut or damaged. */

#include "rng.h"
#include "smbios_blob.h"

static void assert_server(const struct smbios *s)
{
    assert_string_equal(s->bios_vendor, "Maker of BIOS");
    assert_string_equal(s->bios_version, "1.2.3");
    assert_string_equal(s->bios_date, "02/14/2024");
    assert_string_equal(s->system_maker, "Servers Inc.");
    assert_string_equal(s->system_product, "R 760");
    assert_string_equal(s->board_maker, "Boards");
    assert_string_equal(s->board_product, "B-77");
}

static void a_server(void **state)
{
    (void)state;
    for (unsigned old = 0; old < 2; old++) {
        struct bytes table = {.size = 0};
        unsigned count = server_put(&table);
        struct answer a = table_ask(&table, old ? count : 0);

        assert_int_equal(a.result, SMBIOS_OK);
        assert_server(&a.smbios);
        assert_int_equal(a.smbios.structures, count);
        assert_int_equal(a.smbios.major, old ? 2 : 3);
        assert_int_equal(a.smbios.minor, old ? 8 : 6);
        assert_string_equal(a.smbios.source, "bios");
    }
}

/* Before the table's end structure, or the count, the rest of the bytes does not matter. */
static void what_ends_a_table(void **state)
{
    struct bytes table = {.size = 0};
    unsigned count = server_put(&table);
    struct answer a;

    (void)state;
    for (unsigned i = 0; i < 40; i++)
        table.at[table.size++] = 1;
    assert_int_equal(table_ask(&table, 0).result, SMBIOS_OK);
    assert_int_equal(table_ask(&table, count).result, SMBIOS_OK);
    a = table_ask(&table, 2);
    assert_int_equal(a.result, SMBIOS_OK);
    assert_int_equal(a.smbios.structures, 2);
    assert_string_equal(a.smbios.board_maker, "");
    table.size = 0;
    structure_put(&table, 1, 6, (const uint8_t[]){1, 0}, (const char *const[]){"A", NULL});
    a = table_ask(&table, 0); /* the size alone */
    assert_int_equal(a.result, SMBIOS_OK);
    assert_string_equal(a.smbios.system_maker, "A");
    assert_string_equal(a.smbios.system_product, "");
    a = table_ask(&table, 2);
    assert_int_equal(a.result, SMBIOS_BAD);
    assert_string_equal(a.err, "SMBIOS at 0x7f000ffa: a structure ends outside its 9 bytes");
    assert_string_equal(a.smbios.system_maker, "A");
}

/* A field that an old, short structure lacks is no string; one that names a string that is not there is
 * damage. */
static void string_numbers(void **state)
{
    (void)state;
    for (unsigned length = 4; length <= 9; length++)
        for (unsigned number = 0; number < 256; number++) {
            struct bytes table = {.size = 0};
            struct answer a;

            structure_put(&table, 0, length, (const uint8_t[]){1, (uint8_t)number, 0, 0, 2},
                          (const char *const[]){"one", "two", NULL});
            table_finish(&table);
            a = table_ask(&table, 2);
            if (number > 2 && length > 5) {
                assert_int_equal(a.result, SMBIOS_BAD);
                assert_says(a.err, "the structure at offset 0 names string");
                continue;
            }
            assert_int_equal(a.result, SMBIOS_OK);
            assert_string_equal(a.smbios.bios_vendor, length > 4 ? "one" : "");
            assert_string_equal(a.smbios.bios_version,
                                length > 5 && number ? number == 1 ? "one" : "two" : "");
            assert_string_equal(a.smbios.bios_date, length > 8 ? "two" : "");
        }
}

static void lengths(void **state)
{
    (void)state;
    for (unsigned length = 0; length < 4; length++) {
        struct bytes table = {.size = 0};
        struct answer a;

        structure_put(&table, 4, 8, NULL, NULL);
        structure_put(&table, 5, 8, NULL, NULL);
        table.at[10 + 1] = (uint8_t)length;
        a = table_ask(&table, 2);
        assert_int_equal(a.result, SMBIOS_BAD);
        assert_says(a.err, "the structure at offset 10 has length");
    }
}

static void long_strings_are_cut(void **state)
{
    char text[200];

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    for (size_t length = SMBIOS_TEXT - 2; length < sizeof(text); length++) {
        struct bytes table = {.size = 0};
        char *cut = text + sizeof(text) - 1 - length;
        struct answer a;

        structure_put(&table, 1, 6, (const uint8_t[]){1, 2}, (const char *const[]){cut, "next", NULL});
        a = table_ask(&table, 1);
        assert_int_equal(a.result, SMBIOS_OK);
        assert_int_equal(strlen(a.smbios.system_maker), length < SMBIOS_TEXT ? length : SMBIOS_TEXT - 1);
        assert_string_equal(a.smbios.system_product, "next");
    }
}

/* Cut anywhere, and with the entry point telling the truth about it or not. */
static void every_cut(void **state)
{
    struct bytes whole = {.size = 0};
    unsigned count = server_put(&whole);

    (void)state;
    for (size_t size = 1; size < whole.size; size++) {
        static struct smbios_memory m;
        struct bytes part = whole;
        struct answer a;

        part.size = size;
        assert_int_equal(table_ask(&part, count).result, SMBIOS_BAD);
        memset(&m, 0, sizeof(m));
        m.high = exact_copy(part.at, size);
        m.high_size = size;
        entry_new_put(m.low, HIGH_START, whole.size);
        a = smbios_ask(&m);
        assert_int_equal(a.result, SMBIOS_BAD);
        assert_says(a.err, "cannot be read");
        exact_free(m.high);
    }
}

/* A byte behind the end is no byte, and not the one that was fetched before either, which is 0 here. */
static void one_byte_short(void **state)
{
    struct bytes table = {.size = 0};

    (void)state;
    structure_put(&table, 4, 8, NULL, NULL);
    table.size--;
    assert_int_equal(table_ask(&table, 1).result, SMBIOS_BAD);
}

/* The size in the new entry point is only the most there can be: no page is touched that holds none of it. */
static void end_of_memory(void **state)
{
    static struct smbios_memory m;
    struct bytes table = {.size = 0};
    struct answer a;

    (void)state;
    table_finish(&table);
    assert_int_equal((HIGH_START + table.size) % 4096, 0);
    m.high = exact_copy(table.at, table.size);
    m.high_size = table.size;
    entry_new_put(m.low, HIGH_START, 0x1000);
    a = smbios_ask(&m);
    assert_int_equal(a.result, SMBIOS_OK);
    assert_int_equal(a.smbios.structures, 1);
    exact_free(m.high);
}

static void noise(void **state)
{
    uint64_t seed = 7;

    (void)state;
    for (unsigned round = 0; round < 20000; round++) {
        struct bytes table = {.size = 0};
        unsigned count = server_put(&table);

        for (unsigned i = 0; i < 4; i++)
            table.at[rng_next(&seed) % table.size] = (uint8_t)rng_next(&seed);
        table_ask(&table,
                  round % 2 ? count : 0); /* table_ask() checks the sentences, the sanitizers the rest */
    }
}

static void emulators(void **state)
{
    static const struct smbios real = {.bios_vendor = "SeaBIOS Foundation", .system_maker = "Servers Inc."};
    static const struct smbios none = {.structures = 0};
    static const struct smbios emulated[] = {
        {.bios_vendor = "SeaBIOS"},       {.bios_vendor = "The Bochs Project"}, {.system_maker = "QEMU"},
        {.system_maker = "Bochs"},        {.system_maker = "VMware, Inc."},     {.system_product = "KVM"},
        {.system_product = "VirtualBox"},
    };

    (void)state;
    assert_false(smbios_emulator(&none));
    assert_false(smbios_emulator(&real));
    for (size_t i = 0; i < COUNT(emulated); i++)
        assert_true(smbios_emulator(&emulated[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server),
        cmocka_unit_test(what_ends_a_table),
        cmocka_unit_test(string_numbers),
        cmocka_unit_test(lengths),
        cmocka_unit_test(long_strings_are_cut),
        cmocka_unit_test(every_cut),
        cmocka_unit_test(one_byte_short),
        cmocka_unit_test(end_of_memory),
        cmocka_unit_test(noise),
        cmocka_unit_test(emulators),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
