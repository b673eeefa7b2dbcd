/* ACPI Specification 6.5, "Multiple APIC Description Table (MADT)". */

#include "acpi_table.h"

#define FLAG_PCAT_COMPAT   1u
#define CPU_ENABLED        1u
#define CPU_ONLINE_CAPABLE 2u
#define XAPIC_BROADCAST    0xffu
#define X2APIC_BROADCAST   0xffffffffu
#define BUS_ISA            0

enum { LOCAL_APIC = 0, IO_APIC = 1, OVERRIDE = 2, LOCAL_APIC_ADDRESS = 5, LOCAL_X2APIC = 9 };

struct __attribute__((packed)) madt {
    struct acpi_head head;
    uint32_t local_apic;
    uint32_t flags;
};

/* Entries, without their type and size. */
struct __attribute__((packed)) local_apic {
    uint8_t uid;
    uint8_t apic_id;
    uint32_t flags;
};

struct __attribute__((packed)) io_apic {
    uint8_t id;
    uint8_t reserved;
    uint32_t address;
    uint32_t first_gsi;
};

struct __attribute__((packed)) override {
    uint8_t bus;
    uint8_t irq;
    uint32_t gsi;
    uint16_t flags;
};

struct __attribute__((packed)) local_apic_address {
    uint16_t reserved;
    uint64_t address;
};

struct __attribute__((packed)) local_x2apic {
    uint16_t reserved;
    uint32_t apic_id;
    uint32_t flags;
    uint32_t uid;
};

union entry {
    struct local_apic local_apic;
    struct io_apic io_apic;
    struct override override;
    struct local_apic_address local_apic_address;
    struct local_x2apic local_x2apic;
};

static const uint8_t entry_sizes[] = {
    [LOCAL_APIC] = sizeof(struct local_apic),     [IO_APIC] = sizeof(struct io_apic),
    [OVERRIDE] = sizeof(struct override),         [LOCAL_APIC_ADDRESS] = sizeof(struct local_apic_address),
    [LOCAL_X2APIC] = sizeof(struct local_x2apic),
};

_Static_assert(sizeof(struct madt) == 44 && sizeof(struct local_apic) == 6 && sizeof(struct io_apic) == 10 &&
                   sizeof(struct override) == 8 && sizeof(struct local_apic_address) == 10 &&
                   sizeof(struct local_x2apic) == 14,
               "MADT structures");

/* Firmware may list a processor in both forms; an enabled entry that cannot be addressed is as good as
 * disabled. */
static bool add_cpu(const struct acpi_table *table, struct acpi_madt *out, struct acpi_cpu cpu,
                    uint32_t flags, uint32_t broadcast)
{
    if (!(flags & CPU_ENABLED) || cpu.apic_id == broadcast) {
        out->disabled_count++;
        out->online_capable_count += !(flags & CPU_ENABLED) && (flags & CPU_ONLINE_CAPABLE);
        return true;
    }
    for (unsigned i = 0; i < out->cpu_count; i++)
        if (out->cpu[i].apic_id == cpu.apic_id)
            return true;
    if (out->cpu_count == ACPI_CPUS_MAX)
        return acpi_fail(table, "more than %u processors are enabled", ACPI_CPUS_MAX);
    out->cpu[out->cpu_count++] = cpu;
    return true;
}

static bool add_io_apic(const struct acpi_table *table, struct acpi_madt *out, const struct io_apic *entry)
{
    if (out->io_apic_count == ACPI_IO_APICS_MAX)
        return acpi_fail(table, "more than %u I/O APICs are listed", ACPI_IO_APICS_MAX);
    out->io_apic[out->io_apic_count++] =
        (struct acpi_io_apic){.address = entry->address, .first_gsi = entry->first_gsi, .id = entry->id};
    return true;
}

static bool add_override(const struct acpi_table *table, struct acpi_madt *out, const struct override *entry)
{
    if (entry->bus != BUS_ISA)
        return acpi_fail(table, "an interrupt source override names bus %u, not ISA (0)", entry->bus);
    if (out->override_count == ACPI_OVERRIDES_MAX)
        return acpi_fail(table, "more than %u interrupt source overrides are listed", ACPI_OVERRIDES_MAX);
    out->override[out->override_count++] =
        (struct acpi_override){.gsi = entry->gsi, .flags = entry->flags, .irq = entry->irq};
    return true;
}

static bool add_entry(const struct acpi_table *table, struct acpi_madt *out, unsigned type,
                      const union entry *e)
{
    switch (type) {
    case LOCAL_APIC:
        return add_cpu(table, out, (struct acpi_cpu){e->local_apic.apic_id, e->local_apic.uid},
                       e->local_apic.flags, XAPIC_BROADCAST);
    case LOCAL_X2APIC:
        return add_cpu(table, out, (struct acpi_cpu){e->local_x2apic.apic_id, e->local_x2apic.uid},
                       e->local_x2apic.flags, X2APIC_BROADCAST);
    case IO_APIC:
        return add_io_apic(table, out, &e->io_apic);
    case OVERRIDE:
        return add_override(table, out, &e->override);
    default:
        out->local_apic = e->local_apic_address.address;
        return true;
    }
}

/* One entry at *offset, which is moved behind it. Types that are not needed are passed over. */
static bool read_entry(const struct acpi_table *table, uint32_t *offset, struct acpi_madt *out)
{
    uint8_t head[2] = {0};
    union entry entry;
    unsigned want;

    if (!acpi_copy(table, *offset, head, sizeof(head)))
        return false;
    want = head[0] < sizeof(entry_sizes) && entry_sizes[head[0]] ? entry_sizes[head[0]] : 0;
    if (head[1] < sizeof(head) + want)
        return acpi_fail(table, "entry at offset %u of type %u has size %u, want %u", *offset, head[0],
                         head[1], (unsigned)sizeof(head) + want);
    if (head[1] > table->length - *offset)
        return acpi_fail(table, "entry at offset %u of type %u has size %u and ends outside its length %u",
                         *offset, head[0], head[1], table->length);
    if (want && (!acpi_copy(table, *offset + (uint32_t)sizeof(head), &entry, want) ||
                 !add_entry(table, out, head[0], &entry)))
        return false;
    *offset += head[1];
    return true;
}

enum acpi_result acpi_madt_read(const struct acpi *acpi, struct acpi_madt *out, char *err, size_t err_size)
{
    struct acpi_table table = acpi_table_named(acpi, "MADT", err, err_size);
    enum acpi_result found = acpi_find(acpi, "APIC", sizeof(struct madt), &table);
    uint32_t offset = sizeof(struct madt);
    struct madt madt;

    if (found != ACPI_OK)
        return found;
    if (!acpi_copy(&table, 0, &madt, sizeof(madt)))
        return ACPI_BAD;
    out->cpu_count = out->disabled_count = out->online_capable_count = 0;
    out->io_apic_count = out->override_count = 0;
    out->local_apic = madt.local_apic;
    out->has_8259 = madt.flags & FLAG_PCAT_COMPAT;
    while (offset < table.length)
        if (!read_entry(&table, &offset, out))
            return ACPI_BAD;
    return ACPI_OK;
}
