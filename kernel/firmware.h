#pragma once
/* The ACPI tables of this machine. */

#include "acpi.h"

/*
 * Looks for the tables once, later calls return the same. NULL where there are none, or where the way to them
 * is corrupt. Needs a space of the kernel.
 */
const struct acpi *firmware_acpi(const struct boot_info *boot);

/* "# @ acpi ...": where the tables were found, or why not. Nothing before firmware_acpi(). */
void firmware_print(void);
