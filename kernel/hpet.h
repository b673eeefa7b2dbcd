#pragma once
/* The HPET's main counter, for a machine whose PIT does not answer. */

#include "boot_info.h"

#include <stdbool.h>

/* Registers, by their index in 32-bit words. */
#define HPET_CAPABILITIES  (0x000 / 4)
#define HPET_CONFIGURATION (0x010 / 4)
#define HPET_COUNTER       (0x0f0 / 4)
#define HPET_ENABLE        0x1u /* in the configuration; what is not set there: the legacy interrupts */

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
