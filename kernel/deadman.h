#pragma once
/*
 * The HPET as the last one who watches: unless somebody sets it back, it sends the first processor an NMI
 * every DEADMAN_S seconds. A healthy test sets it back in time (test_alive()) and never sees one.
 *
 * It comes by way of an I/O APIC, in delivery mode NMI, or as a message where the HPET can send one.
 */

#include "boot_info.h"

#include <stdbool.h>

#define DEADMAN_S 4u

/*
 * Takes over one of the HPET's timers and the main counter, and tries whether the NMI arrives. NULL if it
 * does, otherwise why not. Context: boot, the first processor, after apic_open(); there has to be a clock.
 */
const char *deadman_open(const struct boot_info *boot);

/* By which way it comes: "gsi8", "message". */
const char *deadman_way(void);

/* Counts from zero again, and keeps how far all processors are. Does nothing where the registers are out of
 * reach, in an address space that does not share the kernel's, or after another processor. */
void deadman_restart(uint64_t progress);

/* It does not come any more. */
void deadman_stop(void);

/* For an NMI on the first processor: true if it is this one; `quiet` is how many in a row have found no
 * progress then. */
bool deadman_take(uint64_t progress, unsigned *quiet);
