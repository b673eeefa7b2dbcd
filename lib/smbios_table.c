/* DSP0134, "SMBIOS structures": "Structure header format", "Text strings", and the structures "BIOS
 * Information", "System Information", "Baseboard" and "End-of-Table". */

#include "smbios_table.h"

#include "format.h"
#include "string.h"

#include <stdarg.h>
#include <stddef.h>

#define PIECE     256u
#define PAGE_SIZE 4096u
#define HEAD_SIZE 4u
#define TYPE_END  127u

/* The strings that are read: type of the structure, and where the string's number stands in it. */
static const struct wanted {
    uint8_t type, field;
    size_t to;
} wanted[] = {
    {0, 4, offsetof(struct smbios, bios_vendor)},    {0, 5, offsetof(struct smbios, bios_version)},
    {0, 8, offsetof(struct smbios, bios_date)},      {1, 4, offsetof(struct smbios, system_maker)},
    {1, 5, offsetof(struct smbios, system_product)}, {2, 4, offsetof(struct smbios, board_maker)},
    {2, 5, offsetof(struct smbios, board_product)},
};
#define WANTED_TYPES 3

struct reader {
    const struct phys_memory *memory;
    const struct smbios_table *table;
    char *err;
    size_t err_size;
    uint32_t start, held; /* offset and length of what `bytes` holds */
    uint8_t bytes[PIECE];
};

struct structure {
    uint32_t offset; /* in the table */
    uint8_t type, length;
    uint32_t strings; /* how many stand behind it */
    uint32_t end;     /* offset of the next structure */
};

static bool fail(const struct reader *reader, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static bool fail(const struct reader *reader, const char *fmt, ...)
{
    size_t used =
        format(reader->err, reader->err_size, "SMBIOS at 0x%llx: ", (unsigned long long)reader->table->at);
    va_list args;

    va_start(args, fmt);
    vformat_behind(reader->err, reader->err_size, used, fmt, args);
    va_end(args);
    return false;
}

/* Memory is fetched in pieces that do not cross a page: the size may promise more than is there. */
static bool fetch(struct reader *reader, uint32_t offset)
{
    uint64_t at = reader->table->at + offset;
    uint32_t size = (uint32_t)(PAGE_SIZE - at % PAGE_SIZE);

    if (size > PIECE)
        size = PIECE;
    if (size > reader->table->size - offset)
        size = reader->table->size - offset;
    if (!reader->memory->read(reader->memory->context, at, reader->bytes, size))
        return fail(reader, "%u bytes at offset %u cannot be read", size, offset);
    reader->start = offset;
    reader->held = size;
    return true;
}

static bool byte_at(struct reader *reader, uint32_t offset, uint8_t *byte)
{
    if (offset >= reader->table->size)
        return fail(reader, "a structure ends outside its %u bytes", reader->table->size);
    if ((offset < reader->start || offset - reader->start >= reader->held) && !fetch(reader, offset))
        return false;
    *byte = reader->bytes[offset - reader->start];
    return true;
}

/* Behind the formatted part stand strings, each with a NUL, and one more NUL; without strings two NULs. */
static bool strings_count(struct reader *reader, struct structure *structure)
{
    uint32_t at = structure->offset + structure->length;
    uint8_t byte = 0, before = 1;

    structure->strings = 0;
    for (;; at++) {
        if (!byte_at(reader, at, &byte))
            return false;
        if (byte == 0 && before == 0)
            break;
        if (byte == 0 && at != structure->offset + structure->length)
            structure->strings++;
        before = byte;
    }
    structure->end = at + 1;
    return true;
}

static bool structure_read(struct reader *reader, uint32_t offset, struct structure *structure)
{
    *structure = (struct structure){.offset = offset};
    if (!byte_at(reader, offset, &structure->type) || !byte_at(reader, offset + 1, &structure->length))
        return false;
    if (structure->length < HEAD_SIZE)
        return fail(reader, "the structure at offset %u has length %u", offset, structure->length);
    return strings_count(reader, structure);
}

/* The string of a number that strings_count() has found to be there. */
static bool string_copy(struct reader *reader, const struct structure *structure, unsigned number, char *to)
{
    uint32_t at = structure->offset + structure->length;
    unsigned length = 0;
    uint8_t byte = 0;

    while (number) {
        if (!byte_at(reader, at++, &byte))
            return false;
        if (number == 1 && length < SMBIOS_TEXT - 1)
            to[length++] = (char)byte;
        number -= byte == 0;
    }
    to[length] = '\0';
    return true;
}

static bool structure_take(struct reader *reader, const struct structure *structure, struct smbios *out)
{
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        uint8_t number = 0;

        if (wanted[i].type != structure->type || wanted[i].field >= structure->length)
            continue;
        if (!byte_at(reader, structure->offset + wanted[i].field, &number))
            return false;
        if (number > structure->strings)
            return fail(reader, "the structure at offset %u names string %u of %u", structure->offset, number,
                        structure->strings);
        if (number && !string_copy(reader, structure, number, (char *)out + wanted[i].to))
            return false;
    }
    return true;
}

bool smbios_table_read(const struct phys_memory *memory, const struct smbios_table *table, struct smbios *out,
                       char *err, size_t err_size)
{
    struct reader reader = {.memory = memory, .table = table, .err = err, .err_size = err_size};
    struct structure structure;
    bool taken[WANTED_TYPES] = {false};

    out->structures = 0;
    for (uint32_t offset = 0; table->count ? out->structures < table->count : offset < table->size;
         offset = structure.end) {
        if (!structure_read(&reader, offset, &structure))
            return false;
        out->structures++;
        if (structure.type == TYPE_END)
            break;
        if (structure.type >= WANTED_TYPES || taken[structure.type])
            continue;
        taken[structure.type] = true;
        if (!structure_take(&reader, &structure, out))
            return false;
    }
    return true;
}
