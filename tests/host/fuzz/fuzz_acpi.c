/* ACPI tables. Input: one byte of choices, the RSDP, then memory with the tables. Chance does not find
 * checksums, so by the second choice those of the root and of the tables it names are made right. */

#include "fuzz.h"

#include "acpi.h"
#include "string.h"

#define RSDP_SIZE 36u
#define HEAD_SIZE 36u
#define REPAIRS   16u

enum { NEW_RSDP = 1, REPAIR = 2, AS_PVH = 4 };

struct memory {
    uint8_t *bytes;
    size_t size;
};

static bool inside(const struct memory *memory, uint64_t at, uint64_t size)
{
    return at >= START && at - START <= memory->size && size <= memory->size - (at - START);
}

static bool memory_read(void *context, uint64_t at, void *to, size_t size)
{
    const struct memory *memory = context;

    if (!inside(memory, at, size))
        return false;
    memcpy(to, memory->bytes + (at - START), size);
    return true;
}

static uint64_t number(const uint8_t *from, size_t size)
{
    uint64_t value = 0;

    memcpy(&value, from, size);
    return value;
}

/* Returns the length of the table that was repaired, 0 where there is none. */
static uint32_t repair_table(const struct memory *memory, uint64_t at)
{
    uint32_t length;

    if (!inside(memory, at, HEAD_SIZE))
        return 0;
    length = (uint32_t)number(memory->bytes + (at - START) + 4, 4);
    if (length < HEAD_SIZE || !inside(memory, at, length))
        return 0;
    repair_sum(memory->bytes + (at - START), length, 9);
    return length;
}

/* From the leaves to the root, because a table may hold another. */
static void repair_all(const struct memory *memory, uint8_t *rsdp, bool wide)
{
    uint64_t root = wide ? number(rsdp + 24, 8) : number(rsdp + 16, 4);
    size_t width = wide ? 8 : 4;
    uint32_t length = repair_table(memory, root);

    for (uint32_t i = 0; i < REPAIRS && HEAD_SIZE + (i + 1) * width <= length; i++)
        repair_table(memory, number(memory->bytes + (root - START) + HEAD_SIZE + i * width, width));
    repair_table(memory, root);
    repair_sum(rsdp, 20, 8);
    repair_sum(rsdp, RSDP_SIZE, 32);
}

static void tables_hold(const struct acpi *acpi)
{
    static struct acpi_madt madt;
    struct acpi_spcr spcr;
    struct acpi_hpet hpet;
    char err[ERR_SIZE] = "";

    switch (acpi_madt_read(acpi, &madt, err, sizeof(err))) {
    case ACPI_OK:
        HOLDS(madt.cpu_count <= ACPI_CPUS_MAX && madt.io_apic_count <= ACPI_IO_APICS_MAX);
        HOLDS(madt.override_count <= ACPI_OVERRIDES_MAX && madt.online_capable_count <= madt.disabled_count);
        for (unsigned i = 1; i < madt.cpu_count; i++)
            HOLDS(madt.cpu[i].apic_id != madt.cpu[i - 1].apic_id);
        break;
    case ACPI_BAD:
        sentence_holds(err);
        break;
    case ACPI_ABSENT:
        break;
    }
    if (acpi_spcr_read(acpi, &spcr, err, sizeof(err)) == ACPI_BAD)
        sentence_holds(err);
    if (acpi_hpet_read(acpi, &hpet, err, sizeof(err)) == ACPI_BAD)
        sentence_holds(err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct boot_info boot = {.loader = "fuzz"};
    struct acpi acpi;
    char err[ERR_SIZE] = "";
    struct memory memory;
    struct phys_memory reader = {memory_read, &memory};
    enum acpi_result result;

    if (size < 1 + RSDP_SIZE)
        return 0;
    memory = (struct memory){malloc(size - 1 - RSDP_SIZE + 1), size - 1 - RSDP_SIZE};
    HOLDS(memory.bytes);
    memcpy(memory.bytes, data + 1 + RSDP_SIZE, memory.size);
    memcpy(boot.rsdp_copy, data + 1, RSDP_SIZE);
    boot.rsdp_size = data[0] & NEW_RSDP ? RSDP_SIZE : 20;
    if (data[0] & REPAIR)
        repair_all(&memory, boot.rsdp_copy, data[0] & NEW_RSDP && boot.rsdp_copy[15] >= 2);
    if (data[0] & AS_PVH) { /* the RSDP itself in memory */
        boot.rsdp_size = 0;
        boot.rsdp = START;
    }
    result = acpi_open(&reader, &boot, &acpi, err, sizeof(err));
    if (result == ACPI_OK)
        tables_hold(&acpi);
    else if (result == ACPI_BAD)
        sentence_holds(err);
    free(memory.bytes);
    return 0;
}
