/* Sources: Microsoft, "Serial Port Console Redirection Table (SPCR)", revisions 1 to 4; Intel, "IA-PC HPET
 * (High Precision Event Timers) Specification 1.0a", "The ACPI 2.0 HPET Description Table". */

#include "acpi_table.h"

#define REVISION_CLOCK 3
#define REVISION_BAUD  4
#define NO_PCI         0xffff

struct __attribute__((packed)) spcr {
    struct acpi_head head;
    uint8_t type;
    uint8_t reserved[3];
    struct acpi_raw_address registers;
    uint8_t interrupt_type;
    uint8_t irq;
    uint32_t gsi;
    uint8_t baud;
    uint8_t parity, stop_bits, flow_control, terminal, language;
    uint16_t pci_device_id, pci_vendor_id;
    uint8_t pci_bus, pci_device, pci_function;
    uint32_t pci_flags;
    uint8_t pci_segment;
    uint32_t clock;
};

struct __attribute__((packed)) hpet {
    struct acpi_head head;
    uint32_t id;
    struct acpi_raw_address registers;
    uint8_t number;
    uint16_t tick_min;
    uint8_t page_protection;
};

_Static_assert(sizeof(struct spcr) == 80 && sizeof(struct hpet) == 56, "SPCR and HPET");

static bool spcr_baud(const struct acpi_table *table, uint8_t code, uint32_t *baud)
{
    static const uint32_t bauds[] = {[0] = 0, [3] = 9600, [4] = 19200, [6] = 57600, [7] = 115200};

    *baud = 0;
    if (table->revision >= REVISION_BAUD && table->length >= sizeof(struct spcr) + sizeof(*baud) &&
        !acpi_copy(table, sizeof(struct spcr), baud, sizeof(*baud))) /* "precise baud rate" */
        return false;
    if (*baud)
        return true;
    if (code && (code >= sizeof(bauds) / sizeof(bauds[0]) || !bauds[code]))
        return acpi_fail(table, "its baud rate has the unknown code %u", code);
    *baud = bauds[code];
    return true;
}

enum acpi_result acpi_spcr_read(const struct acpi *acpi, struct acpi_spcr *out, char *err, size_t err_size)
{
    struct acpi_table table = acpi_table_named(acpi, "SPCR", err, err_size);
    enum acpi_result found = acpi_find(acpi, "SPCR", sizeof(struct spcr), &table);
    struct spcr spcr = {.type = 0};

    if (found != ACPI_OK)
        return found;
    if (!acpi_copy(&table, 0, &spcr, sizeof(spcr)))
        return ACPI_BAD;
    *out = (struct acpi_spcr){
        .registers = acpi_address_decode(&spcr.registers),
        .type = spcr.type,
        .clock = table.revision >= REVISION_CLOCK ? spcr.clock : 0,
        .pci = spcr.pci_vendor_id && spcr.pci_device_id != NO_PCI && spcr.pci_vendor_id != NO_PCI,
        .segment = spcr.pci_segment,
        .bus = spcr.pci_bus,
        .device = spcr.pci_device,
        .function = spcr.pci_function,
    };
    return spcr_baud(&table, spcr.baud, &out->baud) ? ACPI_OK : ACPI_BAD;
}

enum acpi_result acpi_hpet_read(const struct acpi *acpi, struct acpi_hpet *out, char *err, size_t err_size)
{
    struct acpi_table table = acpi_table_named(acpi, "HPET", err, err_size);
    enum acpi_result found = acpi_find(acpi, "HPET", sizeof(struct hpet), &table);
    struct hpet hpet;

    if (found != ACPI_OK)
        return found;
    if (!acpi_copy(&table, 0, &hpet, sizeof(hpet)))
        return ACPI_BAD;
    *out = (struct acpi_hpet){.registers = acpi_address_decode(&hpet.registers), .id = hpet.id};
    return ACPI_OK;
}
