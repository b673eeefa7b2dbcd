#pragma once
/* The HPET's main counter, for a machine whose PIT does not answer. */

#include "boot_info.h"

#include <stdbool.h>

struct hpet {
    volatile uint32_t *registers;
    uint32_t femtoseconds; /* of one count */
    uint32_t was;          /* of the configuration register, for hpet_close() */
};

/* Finds it by ACPI, maps its registers and lets it count. False where there is none, or where it does not
 * keep to the specification. Context: boot, one processor, as kernel_map_device(). */
bool hpet_open(const struct boot_info *boot, struct hpet *hpet);

/* The low half of the main counter. */
uint32_t hpet_count(const struct hpet *hpet);

/* Leaves it as firmware had it. */
void hpet_close(const struct hpet *hpet);
