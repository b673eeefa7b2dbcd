#pragma once
/*
 * Who made this machine: the strings of the SMBIOS structures for BIOS, system and baseboard (DMTF DSP0134,
 * "System Management BIOS Reference Specification 3.6"). Pure: memory is read through a function that may
 * refuse, every length and string number is checked before it is used, and what is wrong is one sentence
 * ("SMBIOS at 0xf5a40: the structure at offset 96 has length 2").
 */

#include "boot_info.h"
#include "phys_memory.h"

#define SMBIOS_TEXT 64 /* longer strings are cut */

struct smbios {
    const char *source; /* "efi", "multiboot2" or "bios": where the entry point was found */
    unsigned major, minor;
    unsigned structures; /* that were read */
    /* As firmware has them, any bytes; "" where there is none. The first structure of its type counts. */
    char bios_vendor[SMBIOS_TEXT], bios_version[SMBIOS_TEXT], bios_date[SMBIOS_TEXT];
    char system_maker[SMBIOS_TEXT], system_product[SMBIOS_TEXT];
    char board_maker[SMBIOS_TEXT], board_product[SMBIOS_TEXT];
};

enum smbios_result { SMBIOS_OK, SMBIOS_ABSENT, SMBIOS_BAD };

/*
 * Finds the structures (by EFI's configuration table, by Multiboot2's tag, or, without EFI, by an entry point
 * that a BIOS leaves at F0000H) and reads them. On SMBIOS_BAD err holds the sentence, and *out what was read
 * before that point; otherwise err is empty.
 */
enum smbios_result smbios_read(const struct phys_memory *memory, const struct boot_info *boot,
                               struct smbios *out, char *err, size_t err_size);

/* The strings name an emulator or a hypervisor: iso/boot/grub/grub.cfg asks the same. */
bool smbios_emulator(const struct smbios *smbios);
