#pragma once
/* The tables that 64-bit EFI firmware leaves behind (UEFI Forum, "UEFI Specification 2.10", chapter "EFI
 * System Table"). Pure: every address and length is checked before it is used. */

#include "phys_memory.h"

#define EFI_GUID_SIZE 16

/*
 * Looks for a vendor's table in the configuration table of the system table at `system`. True with its
 * address in *at, 0 where no entry has the GUID (its bytes as they stand in memory); false, with one sentence
 * in err, where the way there is corrupt.
 */
bool efi_table_find(const struct phys_memory *memory, uint64_t system, const uint8_t guid[EFI_GUID_SIZE],
                    uint64_t *at, char *err, size_t err_size);
