/* How SMBIOS is found: EFI's configuration table, Multiboot2's tag, a BIOS's 64 KiB; checksums and lengths.
 */

#include "smbios_blob.h"

#include "crc32.h"

#define LOW_TABLE 0x8000u
#define OLD_AT    0x100u
#define NEW_AT    0x200u
#define SYSTEM_AT 0x1000u
#define VENDOR_AT 0x2000u

static const uint8_t new_guid[16] = {0x44, 0x15, 0xfd, 0xf2, 0x94, 0x97, 0x2c, 0x4a,
                                     0x99, 0x2e, 0xe5, 0xbb, 0xcf, 0x20, 0xe3, 0x94};
static const uint8_t old_guid[16] = {0x31, 0x2d, 0x9d, 0xeb, 0x88, 0x2d, 0xd3, 0x11,
                                     0x9a, 0x16, 0x00, 0x90, 0x27, 0x3f, 0xc1, 0x4d};

/* A table that names its maker, so that one can tell which was read. Returns its size. */
static size_t table_put(uint8_t *at, const char *maker)
{
    struct bytes table = {.size = 0};

    structure_put(&table, 1, 6, (const uint8_t[]){1, 0}, (const char *const[]){maker, NULL});
    table_finish(&table);
    memcpy(at, table.at, table.size);
    return table.size;
}

/* Both entry points in the BIOS's memory, each with a table of its own. */
static struct smbios_memory *both(void)
{
    static struct smbios_memory m;
    size_t size;

    memset(&m, 0, sizeof(m));
    size = table_put(m.low + LOW_TABLE, "old");
    entry_old_put(m.low + OLD_AT, LOW_START + LOW_TABLE, size, 2);
    size = table_put(m.low + LOW_TABLE + 0x100, "new");
    entry_new_put(m.low + NEW_AT, LOW_START + LOW_TABLE + 0x100, size);
    return &m;
}

static void crc_put(uint8_t *system, uint32_t size)
{
    memset(system + 16, 0, 4);
    memcpy(system + 16, &(uint32_t){crc32(0, system, size)}, 4);
}

/* EFI's system table with three entries; the guids' own places say which of the two there are. */
static void efi_put(struct smbios_memory *m, const uint8_t *first, uint64_t first_at, const uint8_t *second,
                    uint64_t second_at)
{
    uint8_t *system = m->low + SYSTEM_AT, *entry = m->low + VENDOR_AT;

    memcpy(system, "IBI SYST", 8);
    memcpy(system + 8, &(uint32_t){2 << 16}, 4);
    memcpy(system + 12, &(uint32_t){120}, 4);
    memcpy(system + 104, &(uint64_t){3}, 8);
    memcpy(system + 112, &(uint64_t){LOW_START + VENDOR_AT}, 8);
    memset(entry, 0xaa, 24);
    memcpy(entry + 24, first, 16);
    memcpy(entry + 40, &first_at, 8);
    memcpy(entry + 48, second, 16);
    memcpy(entry + 64, &second_at, 8);
    crc_put(system, 120);
    m->boot.efi = true;
    m->boot.efi_system_table = LOW_START + SYSTEM_AT;
}

static void a_bios(void **state)
{
    struct smbios_memory *m = both();

    (void)state;
    assert_string_equal(smbios_ask(m).smbios.system_maker, "new");
    m->low[NEW_AT + 9]++; /* its checksum is wrong now */
    assert_string_equal(smbios_ask(m).smbios.system_maker, "old");
    m->low[OLD_AT + 16]++;
    assert_int_equal(smbios_ask(m).result, SMBIOS_ABSENT);
    m = both();
    m->boot.efi = true; /* under EFI there is nothing to find at these places */
    assert_int_equal(smbios_ask(m).result, SMBIOS_ABSENT);
}

/* Each byte of an entry point is covered by a checksum. */
static void entry_bytes(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 0x1f; byte++) {
        struct smbios_memory *m = both();

        m->low[NEW_AT] = 0;
        m->low[OLD_AT + byte]++;
        assert_int_equal(smbios_ask(m).result, SMBIOS_ABSENT);
    }
    for (unsigned byte = 0; byte < 0x18; byte++) {
        struct smbios_memory *m = both();

        m->low[OLD_AT] = 0;
        m->low[NEW_AT + byte]++;
        assert_int_equal(smbios_ask(m).result, SMBIOS_ABSENT);
    }
}

/* The second half has a checksum of its own. */
static void entry_halves(void **state)
{
    struct smbios_memory *m = both();

    (void)state;
    m->low[NEW_AT] = 0;
    m->low[OLD_AT + 8]++; /* the size of the largest structure, which nobody needs */
    m->low[OLD_AT + 30]--;
    assert_int_equal(smbios_ask(m).result, SMBIOS_ABSENT);
    m->low[OLD_AT + 21]++;
    m->low[OLD_AT + 8]--;
    assert_int_equal(smbios_ask(m).result, SMBIOS_OK);
}

/* Version 2.1 of the specification gave the length as 1EH; anything else has to be wrong, sum or not. */
static void entry_lengths(void **state)
{
    (void)state;
    for (unsigned length = 0; length < 256; length++) {
        struct smbios_memory *m = both();
        uint8_t *old = m->low + OLD_AT, *new = m->low + NEW_AT;

        old[5] = new[6] = (uint8_t)length;
        sum_put(old, length < 6 ? 6 : length, 4);
        new[5] = 0;
        sum_put(new, length < 7 ? 7 : length, 5);
        if (length < 0x18 || length > 64)
            assert_string_equal(smbios_ask(m).smbios.system_maker,
                                length == 0x1e || length == 0x1f ? "old" : "");
        else
            assert_string_equal(smbios_ask(m).smbios.system_maker, "new");
        new[0] = 0;
        assert_int_equal(smbios_ask(m).result, length == 0x1e || length == 0x1f ? SMBIOS_OK : SMBIOS_ABSENT);
    }
}

static void efi(void **state)
{
    struct smbios_memory *m = both();
    struct answer a;

    (void)state;
    efi_put(m, old_guid, LOW_START + OLD_AT, new_guid, LOW_START + NEW_AT);
    a = smbios_ask(m);
    assert_string_equal(a.smbios.system_maker, "new");
    assert_string_equal(a.smbios.source, "efi");
    efi_put(m, old_guid, LOW_START + OLD_AT, old_guid, LOW_START + NEW_AT);
    assert_string_equal(smbios_ask(m).smbios.system_maker, "old");
    efi_put(m, m->low, 0, m->low, 0);
    assert_int_equal(smbios_ask(m).result, SMBIOS_ABSENT);
    efi_put(m, old_guid, LOW_START + OLD_AT + 1, m->low, 0);
    assert_string_equal(smbios_ask(m).err, "SMBIOS entry point at 0xf0101 has a wrong anchor");
    efi_put(m, old_guid, 0x123456, m->low, 0);
    assert_string_equal(smbios_ask(m).err, "SMBIOS entry point at 0x123456 cannot be read");
    efi_put(m, old_guid, LOW_START + OLD_AT, m->low, 0);
    m->low[OLD_AT + 30] ^= 1;
    assert_string_equal(smbios_ask(m).err, "SMBIOS entry point at 0xf0100 has a wrong checksum");
}

static void efi_damage(void **state)
{
    static const struct {
        unsigned offset, size;
        uint64_t value;
        bool sum;
        const char *says;
    } rows[] = {
        {0, 1, 'X', true, "has a wrong signature"},
        {12, 4, 119, true, "has a wrong size"},
        {12, 4, 4097, false, "has a wrong size"},
        {24, 1, 1, false, "has a wrong checksum"},
        {119, 1, 1, false, "has a wrong checksum"},
        {104, 8, 1025, true, "has too many entries"},
        {112, 8, 0x123456, true, "has a configuration table that cannot be read"},
        {112, 8, UINT64_MAX - 8, true, "has a configuration table that cannot be read"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct smbios_memory *m = both();
        struct answer a;

        efi_put(m, old_guid, LOW_START + OLD_AT, new_guid, LOW_START + NEW_AT);
        memcpy(m->low + SYSTEM_AT + rows[i].offset, &rows[i].value, rows[i].size);
        if (rows[i].sum)
            crc_put(m->low + SYSTEM_AT, 120);
        a = smbios_ask(m);
        assert_int_equal(a.result, SMBIOS_BAD);
        assert_says(a.err, "EFI system table at 0xf1000 ");
        assert_says(a.err, rows[i].says);
    }
}

/* A longer head of a later version is summed up whole. */
static void efi_long_head(void **state)
{
    struct smbios_memory *m = both();

    (void)state;
    efi_put(m, old_guid, LOW_START + OLD_AT, m->low, 0);
    memcpy(m->low + SYSTEM_AT + 12, &(uint32_t){200}, 4);
    m->low[SYSTEM_AT + 199] = 5;
    crc_put(m->low + SYSTEM_AT, 200);
    assert_string_equal(smbios_ask(m).smbios.system_maker, "old");
    m->low[SYSTEM_AT + 199] = 6;
    assert_string_equal(smbios_ask(m).err, "EFI system table at 0xf1000 has a wrong checksum");
}

static void a_tag(void **state)
{
    struct smbios_memory *m = both();
    struct answer a;

    (void)state;
    m->boot.smbios = (struct smbios_copy){LOW_START + LOW_TABLE, 0x40, 3, 2};
    a = smbios_ask(m);
    assert_string_equal(a.smbios.system_maker, "old");
    assert_string_equal(a.smbios.source, "multiboot2");
    assert_int_equal(a.smbios.major, 3);
    assert_int_equal(a.smbios.minor, 2);
    m->boot.smbios = (struct smbios_copy){LOW_START + NEW_AT, 0x18, 9, 9};
    a = smbios_ask(m);
    assert_string_equal(a.smbios.system_maker, "new");
    assert_int_equal(a.smbios.minor, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bios),        cmocka_unit_test(entry_bytes), cmocka_unit_test(entry_lengths),
        cmocka_unit_test(entry_halves),  cmocka_unit_test(efi),         cmocka_unit_test(efi_damage),
        cmocka_unit_test(efi_long_head), cmocka_unit_test(a_tag),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
