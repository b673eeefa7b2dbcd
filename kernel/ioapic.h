#pragma once
/* The I/O APICs that the MADT lists. */

#include "boot_info.h"

#include <stdbool.h>

/*
 * Masks every line of every I/O APIC, but for those that go to SMM or bring an NMI, which stay firmware's: a
 * level-triggered line that nobody serves comes again and again. Needs a space of the kernel. Context: boot,
 * one processor.
 */
void ioapic_mask_all(const struct boot_info *boot);

/* How many lines the MADT's I/O APICs have, and how many of them are open now, but for firmware's. */
struct ioapic_lines {
    unsigned all, open;
};

struct ioapic_lines ioapic_lines(const struct boot_info *boot);

/*
 * Makes an edge on the line of a global system interrupt an NMI of the processor with that APIC ID. False if
 * no I/O APIC has it. Context: as above, behind ioapic_mask_all().
 */
bool ioapic_nmi(const struct boot_info *boot, uint32_t gsi, uint32_t apic_id);

/* Masks it again. Context: as above. */
void ioapic_close(const struct boot_info *boot, uint32_t gsi);
