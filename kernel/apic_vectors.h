#pragma once
/* The local vector table: what this processor's own sources of interrupts deliver. */

#include "x86.h"

#include <stdbool.h>
#include <stdint.h>

/* True if an entry of the table, or of an I/O APIC, delivers what is not firmware's: SMIs and NMIs are. */
static inline bool apic_entry_open(uint32_t entry)
{
    uint32_t delivery = entry & X86_APIC_DELIVERY;

    return !(entry & X86_APIC_MASKED) && delivery != X86_APIC_DELIVERY_SMI &&
           delivery != X86_APIC_DELIVERY_NMI;
}

/* Masks every entry that there is, but for those that stay firmware's: what goes to SMM, and NMIs, which
 * LINT1 brings from the board. For kernel/apic.c, on each processor. */
void apic_mask_vectors(void);

/* How many entries of this processor are not masked, but for those. After apic_open(). */
unsigned apic_open_vectors(void);
