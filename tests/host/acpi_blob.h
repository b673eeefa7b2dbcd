#pragma once
/* A small physical memory with ACPI tables in it, built piece by piece, and what must hold whatever is in it.
 */

#include "host.h"

#include "acpi.h"
#include "rng.h"

#include <stdio.h>

#define BLOB_START 0x7fe01000ull /* the physical address of the first byte */
#define BLOB_MAX   0x4000
#define HEAD_SIZE  36
#define ERR_SIZE   256

struct blob {
    size_t size;
    uint8_t bytes[BLOB_MAX];
    struct boot_info boot;
};

/* The window that a reader may look through: exact memory, so that AddressSanitizer sees a byte too many. */
struct exact {
    const uint8_t *bytes;
    uint64_t start, size;
};

static inline bool exact_read(void *context, uint64_t at, void *to, size_t size)
{
    const struct exact *from = context;

    if (at < from->start || at - from->start > from->size || size > from->size - (at - from->start))
        return false;
    memcpy(to, from->bytes + (at - from->start), size);
    return true;
}

static inline void blob_set(struct blob *blob, size_t at, uint64_t value, size_t size)
{
    assert_true(at + size <= BLOB_MAX);
    memcpy(blob->bytes + at, &value, size);
    if (blob->size < at + size)
        blob->size = at + size;
}

static inline void blob_put(struct blob *blob, uint64_t value, size_t size)
{
    blob_set(blob, blob->size, value, size);
}

/* Makes the bytes sum up to 0 through the one at `checksum`. */
static inline void blob_sum(struct blob *blob, size_t start, size_t size, size_t checksum)
{
    uint8_t sum = 0;

    blob->bytes[checksum] = 0;
    for (size_t i = start; i < start + size; i++)
        sum = (uint8_t)(sum + blob->bytes[i]);
    blob->bytes[checksum] = (uint8_t)-sum;
}

/* Begins a table; table_end() sets its length and checksum. */
static inline size_t table_start(struct blob *blob, const char *signature, unsigned revision)
{
    size_t at = blob->size;

    for (unsigned i = 0; i < HEAD_SIZE; i++)
        blob_put(blob, 0, 1);
    memcpy(blob->bytes + at, signature, 4);
    blob_set(blob, at + 8, revision, 1);
    return at;
}

static inline void table_end(struct blob *blob, size_t at)
{
    blob_set(blob, at + 4, blob->size - at, 4);
    blob_sum(blob, at, blob->size - at, at + 9);
}

/* The RSDT or XSDT over tables that stand in the blob already, and the RSDP's copy as Multiboot2 gives it. */
static inline size_t blob_root(struct blob *blob, const size_t *tables, unsigned count, bool wide)
{
    size_t at = table_start(blob, wide ? "XSDT" : "RSDT", 1);
    struct blob rsdp = {.size = 0};

    for (unsigned i = 0; i < count; i++)
        blob_put(blob, BLOB_START + tables[i], wide ? 8 : 4);
    table_end(blob, at);
    blob_set(&rsdp, 15, wide ? 2 : 0, 1);
    blob_set(&rsdp, 16, wide ? 0 : BLOB_START + at, 4);
    blob_set(&rsdp, 20, 36, 4);
    blob_set(&rsdp, 24, BLOB_START + at, 8);
    memcpy(rsdp.bytes, "RSD PTR ", 8);
    blob_sum(&rsdp, 0, 20, 8);
    blob_sum(&rsdp, 0, 36, 32);
    memcpy(blob->boot.rsdp_copy, rsdp.bytes, 36);
    blob->boot.rsdp_size = wide ? 36 : 20;
    blob->boot.loader = "multiboot2";
    return at;
}

static inline void assert_begins(const char *text, const char *with)
{
    assert_true(strlen(text) >= strlen(with));
    assert_memory_equal(text, with, strlen(with));
}

struct answers {
    enum acpi_result open, madt, spcr, hpet;
    struct acpi acpi;
    struct acpi_spcr spcr_value;
    struct acpi_hpet hpet_value;
    char open_err[ERR_SIZE], madt_err[ERR_SIZE], spcr_err[ERR_SIZE], hpet_err[ERR_SIZE];
};

static struct acpi_madt blob_madt; /* too big for a stack */

static inline void answer_check(enum acpi_result result, const char *err)
{
    if (result == ACPI_BAD)
        assert_message(err);
    else
        assert_string_equal(err, "");
    assert_true(strlen(err) < ERR_SIZE - 1); /* not cut */
}

/* Reads everything from an exact copy of size bytes that start at the physical address `start`. */
static inline struct answers blob_read_at(const struct blob *blob, uint64_t start, size_t size)
{
    struct exact window = {exact_copy(blob->bytes, size), start, size};
    struct phys_memory memory = {exact_read, &window};
    struct answers a = {.madt = ACPI_ABSENT, .spcr = ACPI_ABSENT, .hpet = ACPI_ABSENT};

    a.open = acpi_open(&memory, &blob->boot, &a.acpi, a.open_err, ERR_SIZE);
    answer_check(a.open, a.open_err);
    if (a.open == ACPI_OK) {
        a.madt = acpi_madt_read(&a.acpi, &blob_madt, a.madt_err, ERR_SIZE);
        a.spcr = acpi_spcr_read(&a.acpi, &a.spcr_value, a.spcr_err, ERR_SIZE);
        a.hpet = acpi_hpet_read(&a.acpi, &a.hpet_value, a.hpet_err, ERR_SIZE);
        answer_check(a.madt, a.madt_err);
        answer_check(a.spcr, a.spcr_err);
        answer_check(a.hpet, a.hpet_err);
    }
    if (a.madt == ACPI_OK)
        assert_true(blob_madt.cpu_count <= ACPI_CPUS_MAX && blob_madt.io_apic_count <= ACPI_IO_APICS_MAX &&
                    blob_madt.override_count <= ACPI_OVERRIDES_MAX &&
                    blob_madt.online_capable_count <= blob_madt.disabled_count);
    exact_free(window.bytes);
    return a;
}

static inline struct answers blob_read(const struct blob *blob)
{
    return blob_read_at(blob, BLOB_START, blob->size);
}
