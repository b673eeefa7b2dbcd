#pragma once
/* What the parsers of acpi.h share: checked reading of one table. Every function that returns false or
 * ACPI_BAD has left a sentence in err. */

#include "acpi.h"

/* The head of every table but the RSDP. */
struct __attribute__((packed)) acpi_head {
    char signature[4];
    uint32_t length;
    uint8_t revision;
    uint8_t checksum;
    char oem[18];
    uint32_t creator;
    uint32_t creator_revision;
};

struct __attribute__((packed)) acpi_raw_address {
    uint8_t space;
    uint8_t bit_width;
    uint8_t bit_offset;
    uint8_t access_size;
    uint64_t address;
};

_Static_assert(sizeof(struct acpi_head) == 36 && sizeof(struct acpi_raw_address) == 12, "ACPI structures");

/* One table that is being read. */
struct acpi_table {
    struct phys_memory memory;
    const char *name;
    uint64_t address;
    uint32_t length;
    uint8_t revision;
    char *err;
    size_t err_size;
};

/* Writes "<table> at <address>: <sentence>" and returns false. */
bool acpi_fail(const struct acpi_table *table, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Copies bytes from an offset of the table; they have to lie inside its length. */
bool acpi_copy(const struct acpi_table *table, uint32_t offset, void *to, size_t size);

/* Reads the head at table->address and checks the signature, the length (at least `least`) and the checksum.
 */
bool acpi_table_check(struct acpi_table *table, const char *signature, uint32_t least);

/* Finds the first table with the signature and checks it like acpi_table_check(). */
enum acpi_result acpi_find(const struct acpi *acpi, const char *signature, uint32_t least,
                           struct acpi_table *table);

/* The table as acpi_find() wants it. */
static inline struct acpi_table acpi_table_named(const struct acpi *acpi, const char *name, char *err,
                                                 size_t err_size)
{
    return (struct acpi_table){.memory = acpi->memory, .name = name, .err = err, .err_size = err_size};
}

struct acpi_address acpi_address_decode(const struct acpi_raw_address *raw);
