/* Source: Intel, "IA-PC HPET (High Precision Event Timers) Specification 1.0a", "Register Model". */

#include "hpet.h"

#include "firmware.h"
#include "kmap.h"

#include <stddef.h>

#define REGISTERS_SIZE 0x400u
#define PERIOD         (0x004 / 4) /* upper half of the capabilities */
#define PERIOD_MAX     0x05f5e100u /* 100 ns, the most that is allowed */

bool hpet_open(const struct boot_info *boot, struct hpet *hpet)
{
    const struct acpi *acpi = firmware_acpi(boot);
    struct acpi_hpet table;
    char problem[160]; /* whoever needs the HPET does without it */

    if (!acpi || acpi_hpet_read(acpi, &table, problem, sizeof(problem)) != ACPI_OK)
        return false;
    if (table.registers.space != ACPI_SPACE_MEMORY || !table.registers.address || table.registers.address % 8)
        return false;
    hpet->registers = kernel_map_device(table.registers.address, REGISTERS_SIZE);
    if (!hpet->registers)
        return false;
    hpet->femtoseconds = hpet->registers[PERIOD];
    hpet->was = hpet->registers[HPET_CONFIGURATION];
    if (!hpet->femtoseconds || hpet->femtoseconds > PERIOD_MAX)
        return false;
    if (!(hpet->was & HPET_ENABLE))
        hpet->registers[HPET_CONFIGURATION] = hpet->was | HPET_ENABLE;
    return true;
}

uint32_t hpet_count(const struct hpet *hpet)
{
    return hpet->registers[HPET_COUNTER];
}

void hpet_close(const struct hpet *hpet)
{
    hpet->registers[HPET_CONFIGURATION] = hpet->was;
}
