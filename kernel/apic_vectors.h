#pragma once
/* The local vector table: what this processor's own sources of interrupts deliver. */

/* Masks every entry that there is, but for those that stay firmware's: what goes to SMM, and NMIs, which
 * LINT1 brings from the board. For kernel/apic.c, on each processor. */
void apic_mask_vectors(void);

/* How many entries of this processor are not masked, but for those. After apic_open(). */
unsigned apic_open_vectors(void);
