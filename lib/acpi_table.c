#include "acpi_table.h"

#include "format.h"
#include "string.h"

bool acpi_fail(const struct acpi_table *table, const char *fmt, ...)
{
    size_t used = format(table->err, table->err_size, "%s at 0x%llx: ", table->name,
                         (unsigned long long)table->address);
    va_list args;

    va_start(args, fmt);
    vformat_behind(table->err, table->err_size, used, fmt, args);
    va_end(args);
    return false;
}

bool acpi_copy(const struct acpi_table *table, uint32_t offset, void *to, size_t size)
{
    if (offset > table->length || size > table->length - offset)
        return acpi_fail(table, "%u bytes at offset %u end outside its length %u", (unsigned)size, offset,
                         table->length);
    if (!table->memory.read(table->memory.context, table->address + offset, to, size))
        return acpi_fail(table, "%u bytes at offset %u cannot be read", (unsigned)size, offset);
    return true;
}

static bool read_head(const struct acpi_table *table, struct acpi_head *head)
{
    return table->memory.read(table->memory.context, table->address, head, sizeof(*head)) ||
           acpi_fail(table, "its head cannot be read");
}

bool acpi_table_check(struct acpi_table *table, const char *signature, uint32_t least)
{
    struct acpi_head head = {.length = 0};
    uint8_t sum;

    if (!read_head(table, &head))
        return false;
    if (memcmp(head.signature, signature, sizeof(head.signature)) != 0)
        return acpi_fail(table, "its signature is not %s", signature);
    if (head.length < least || head.length > ACPI_TABLE_MAX)
        return acpi_fail(table, "its length %u is not between %u and %u", head.length, least, ACPI_TABLE_MAX);
    if (!phys_sum(&table->memory, table->address, head.length, &sum))
        return acpi_fail(table, "its %u bytes cannot all be read", head.length);
    if (sum != 0)
        return acpi_fail(table, "its bytes sum up to 0x%02x, not to 0", sum);
    table->length = head.length;
    table->revision = head.revision;
    return true;
}

/* Address in one entry of the root table. */
static bool entry_read(const struct acpi *acpi, unsigned i, uint64_t *address)
{
    *address = 0;
    return acpi->memory.read(acpi->memory.context,
                             acpi->root + sizeof(struct acpi_head) + (uint64_t)i * acpi->entry_size, address,
                             acpi->entry_size);
}

enum acpi_result acpi_find(const struct acpi *acpi, const char *signature, uint32_t least,
                           struct acpi_table *table)
{
    uint64_t unreadable = 0;
    char found[4];

    for (unsigned i = 0; i < acpi->entry_count; i++) {
        if (!entry_read(acpi, i, &table->address) ||
            !acpi->memory.read(acpi->memory.context, table->address, found, sizeof(found)))
            unreadable = unreadable ? unreadable : i + 1;
        else if (memcmp(found, signature, sizeof(found)) == 0)
            return acpi_table_check(table, signature, least) ? ACPI_OK : ACPI_BAD;
    }
    if (!unreadable)
        return ACPI_ABSENT;
    entry_read(acpi, (unsigned)unreadable - 1, &table->address);
    format(table->err, table->err_size,
           "%s: not found, and %s entry %u points to 0x%llx, which cannot be read", table->name,
           acpi->root_name, (unsigned)unreadable - 1, (unsigned long long)table->address);
    return ACPI_BAD;
}

struct acpi_address acpi_address_decode(const struct acpi_raw_address *raw)
{
    return (struct acpi_address){
        .address = raw->address,
        .space = raw->space,
        .bit_width = raw->bit_width,
        .access_bytes = raw->access_size >= 1 && raw->access_size <= 4 ? 1 << (raw->access_size - 1) : 0,
    };
}
