#pragma once
/* Tables by the documents that lib/acpi_madt.c and lib/acpi_devices.c name. */

#include "acpi_blob.h"

enum { MADT_ENTRIES = 44, SPCR_SIZE = 80 };

static inline size_t madt_start(struct blob *blob)
{
    size_t at = table_start(blob, "APIC", 5);

    blob_put(blob, 0xfee00000, 4);
    blob_put(blob, 1, 4); /* PCAT_COMPAT */
    return at;
}

static inline void madt_local_apic(struct blob *blob, unsigned uid, unsigned apic_id, uint32_t flags)
{
    blob_put(blob, 0 | 8 << 8 | uid << 16 | apic_id << 24, 4);
    blob_put(blob, flags, 4);
}

static inline void madt_local_x2apic(struct blob *blob, uint32_t uid, uint32_t apic_id, uint32_t flags)
{
    blob_put(blob, 9 | 16 << 8, 4);
    blob_put(blob, apic_id, 4);
    blob_put(blob, flags, 4);
    blob_put(blob, uid, 4);
}

static inline void madt_io_apic(struct blob *blob, unsigned id, uint32_t address, uint32_t first_gsi)
{
    blob_put(blob, 1 | 12 << 8 | id << 16, 4);
    blob_put(blob, address, 4);
    blob_put(blob, first_gsi, 4);
}

static inline void madt_override(struct blob *blob, unsigned bus, unsigned irq, uint32_t gsi, unsigned flags)
{
    blob_put(blob, 2 | 10 << 8 | bus << 16 | irq << 24, 4);
    blob_put(blob, gsi, 4);
    blob_put(blob, flags, 2);
}

static inline void put_address(struct blob *blob, unsigned space, unsigned width, unsigned access,
                               uint64_t address)
{
    blob_put(blob, space | width << 8 | access << 24, 4);
    blob_put(blob, address, 8);
}

static inline size_t spcr_put(struct blob *blob, unsigned revision, unsigned baud, uint32_t precise)
{
    size_t at = table_start(blob, "SPCR", revision);

    blob_put(blob, 0, 4); /* full 16550 */
    put_address(blob, ACPI_SPACE_IO, 8, 1, 0x2f8);
    blob_set(blob, at + 58, baud, 1);
    blob_set(blob, at + 64, 0xffff, 2);
    blob_set(blob, at + 66, 0xffff, 2);
    blob_set(blob, at + 75, 0, 1);
    blob_set(blob, at + 76, 48000000, 4);
    blob_set(blob, at + 80, precise, 4);
    blob_set(blob, at + 84, 0, 4);
    table_end(blob, at);
    return at;
}

static inline size_t hpet_put(struct blob *blob)
{
    size_t at = table_start(blob, "HPET", 1);

    blob_put(blob, 0x8086a201, 4);
    put_address(blob, ACPI_SPACE_MEMORY, 64, 0, 0xfed00000);
    blob_put(blob, 0, 4);
    table_end(blob, at);
    return at;
}

/* Every kind of entry, an unknown one between them; 4 enabled, 1 disabled, 1 online capable. */
static inline size_t madt_put(struct blob *blob)
{
    size_t at = madt_start(blob);

    madt_local_apic(blob, 0, 0, 1);
    madt_local_apic(blob, 1, 6, 1);
    madt_local_apic(blob, 2, 8, 0);
    blob_put(blob, 0x7f | 5 << 8, 5); /* an entry of an unknown type */
    madt_local_x2apic(blob, 3, 0x10003, 1);
    madt_local_x2apic(blob, 4, 0x10005, 2);
    madt_local_x2apic(blob, 5, 6, 1); /* the second one again, in the other form */
    madt_io_apic(blob, 9, 0xfec00000, 0);
    madt_override(blob, 0, 0, 2, 0);
    madt_override(blob, 0, 9, 9, 0xd);
    blob_put(blob, 5 | 12 << 8, 4);
    blob_put(blob, 0x123fee00000, 8);
    madt_local_apic(blob, 7, 0x42, 3);
    table_end(blob, at);
    return at;
}

static inline struct blob blob_full(bool wide)
{
    struct blob blob = {.size = 0};
    size_t tables[4];

    tables[0] = table_start(&blob, "FACP", 3);
    table_end(&blob, tables[0]);
    tables[1] = madt_put(&blob);
    tables[2] = spcr_put(&blob, 2, 7, 0);
    tables[3] = hpet_put(&blob);
    blob_root(&blob, tables, 4, wide);
    return blob;
}

/* A blob of one table, which `at` returns. */
static inline struct answers only(struct blob *blob, size_t table)
{
    blob_root(blob, &table, 1, true);
    return blob_read(blob);
}
