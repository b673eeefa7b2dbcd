#pragma once
/* The tables that firmware leaves: ACPI and SMBIOS. Each is looked for once, later calls return the same.
 * They need a space of the kernel. */

#include "acpi.h"
#include "smbios.h"

/* NULL where there are none, or where the way to them is corrupt. */
const struct acpi *firmware_acpi(const struct boot_info *boot);

/* Never NULL: strings that were not found are empty. */
const struct smbios *firmware_smbios(const struct boot_info *boot);

/* The strings name an emulator; one that nobody has asked for yet is none. */
bool firmware_emulated(void);

/* The MADT of the ACPI tables; NULL where there is none or it is corrupt, with the reason, NULL where there
 * are no tables at all. */
const struct acpi_madt *firmware_madt(const struct boot_info *boot, const char **why);

/* "# @ acpi ..." and "# @ smbios ...": where the tables were found, or why not. Nothing of what nobody has
 * asked for. */
void firmware_print(void);
