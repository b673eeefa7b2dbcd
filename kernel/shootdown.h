#pragma once
/* Translations that other processors may hold. */

#include <stdint.h>

/* Invalidates the translation of an address on every processor that takes part; to be called behind the
 * change of its entry. Context: thread or handler, not an NMI; interrupts may be off. Source: Intel SDM
 * volume 3, "Propagation of Paging-Structure Changes to Multiple Processors". */
void shootdown(uint64_t va);
