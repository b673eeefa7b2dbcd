#pragma once
/* Two pieces of physical memory, the BIOS's 64 KiB and one above, with SMBIOS structures built one by one. */

#include "host.h"

#include "smbios.h"

#define LOW_START  0xf0000ull
#define HIGH_START 0x7f000ffaull /* not aligned, and next to the end of a page */
#define LOW_SIZE   0x10000u
#define HIGH_SIZE  0x400u
#define ERR_SIZE   256

struct smbios_memory {
    uint8_t low[LOW_SIZE];
    uint8_t *high; /* exact, so that AddressSanitizer sees a byte too many */
    size_t high_size;
    struct boot_info boot;
};

static inline bool smbios_memory_read(void *context, uint64_t at, void *to, size_t size)
{
    const struct smbios_memory *m = context;

    if (at >= LOW_START && at - LOW_START <= LOW_SIZE && size <= LOW_SIZE - (at - LOW_START))
        memcpy(to, m->low + (at - LOW_START), size);
    else if (at >= HIGH_START && at - HIGH_START <= m->high_size && size <= m->high_size - (at - HIGH_START))
        memcpy(to, m->high + (at - HIGH_START), size);
    else
        return false;
    return true;
}

struct bytes {
    uint8_t at[HIGH_SIZE];
    size_t size;
};

/* A structure: type, length of the formatted part, the numbers in it from offset 4, and its strings. */
static inline size_t structure_put(struct bytes *to, unsigned type, unsigned length, const uint8_t *numbers,
                                   const char *const *strings)
{
    size_t start = to->size;

    to->at[start] = (uint8_t)type;
    to->at[start + 1] = (uint8_t)length;
    for (unsigned i = 4; i < length; i++)
        to->at[start + i] = numbers ? numbers[i - 4] : 0xee;
    to->size += length;
    for (unsigned i = 0; strings && strings[i]; i++) {
        memcpy(to->at + to->size, strings[i], strlen(strings[i]) + 1);
        to->size += strlen(strings[i]) + 1;
    }
    if (!strings || !strings[0])
        to->at[to->size++] = 0;
    to->at[to->size++] = 0;
    return start;
}

static inline void table_finish(struct bytes *to)
{
    structure_put(to, 127, 4, NULL, NULL);
}

/* A server's: BIOS, system, baseboard, a second baseboard, end. Returns the number of structures. */
static inline unsigned server_put(struct bytes *to)
{
    structure_put(to, 0, 0x18, (const uint8_t[20]){1, 2, 0, 0xf0, 3},
                  (const char *const[]){"Maker of BIOS", "1.2.3", "02/14/2024", NULL});
    structure_put(to, 1, 0x1b, (const uint8_t[23]){2, 1},
                  (const char *const[]){"R 760", "Servers Inc.", NULL});
    structure_put(to, 4, 0x30, NULL, (const char *const[]){"CPU0", NULL});
    structure_put(to, 2, 0x0f, (const uint8_t[11]){1, 2}, (const char *const[]){"Boards", "B-77", NULL});
    structure_put(to, 2, 0x0f, (const uint8_t[11]){1, 2}, (const char *const[]){"Riser", "R-1", NULL});
    table_finish(to);
    return 6;
}

static inline void sum_put(uint8_t *bytes, size_t size, size_t checksum)
{
    uint8_t sum = 0;

    bytes[checksum] = 0;
    for (size_t i = 0; i < size; i++)
        sum = (uint8_t)(sum + bytes[i]);
    bytes[checksum] = (uint8_t)-sum;
}

/* The two entry points, with sound checksums. */
static inline void entry_old_put(uint8_t *at, uint64_t table, size_t size, unsigned count)
{
    memset(at, 0, 0x1f);
    memcpy(at, "_SM_", 4);
    at[5] = 0x1f;
    at[6] = 2;
    at[7] = 8;
    memcpy(at + 16, "_DMI_", 5);
    memcpy(at + 22, &(uint16_t){(uint16_t)size}, 2);
    memcpy(at + 24, &(uint32_t){(uint32_t)table}, 4);
    memcpy(at + 28, &(uint16_t){(uint16_t)count}, 2);
    sum_put(at + 16, 15, 5);
    sum_put(at, 0x1f, 4);
}

static inline void entry_new_put(uint8_t *at, uint64_t table, size_t size)
{
    memset(at, 0, 0x18);
    memcpy(at, "_SM3_", 5);
    at[6] = 0x18;
    at[7] = 3;
    at[8] = 6;
    at[10] = 1;
    memcpy(at + 12, &(uint32_t){(uint32_t)size}, 4);
    memcpy(at + 16, &table, 8);
    sum_put(at, 0x18, 5);
}

static inline void assert_says(const char *text, const char *words)
{
    while (*text && strncmp(text, words, strlen(words)) != 0)
        text++;
    assert_true(*text);
}

struct answer {
    enum smbios_result result;
    struct smbios smbios;
    char err[ERR_SIZE];
};

static inline struct answer smbios_ask(struct smbios_memory *m)
{
    struct phys_memory memory = {smbios_memory_read, m};
    struct answer a;

    a.result = smbios_read(&memory, &m->boot, &a.smbios, a.err, sizeof(a.err));
    if (a.result == SMBIOS_BAD)
        assert_message(a.err);
    else
        assert_string_equal(a.err, "");
    assert_true(strlen(a.err) < ERR_SIZE - 1);
    return a;
}

/* The bytes as the upper piece of memory, and an entry point in the BIOS's; count 0 makes the new one. */
static inline struct answer table_ask(const struct bytes *table, unsigned count)
{
    static struct smbios_memory m;
    struct answer a;

    memset(&m, 0, sizeof(m));
    m.high = exact_copy(table->at, table->size);
    m.high_size = table->size;
    if (count)
        entry_old_put(m.low + 0x5a40, HIGH_START, table->size, count);
    else
        entry_new_put(m.low + 0xfff0 - 0x10, HIGH_START, table->size);
    a = smbios_ask(&m);
    exact_free(m.high);
    return a;
}
