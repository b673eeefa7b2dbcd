#pragma once
/* The SMBIOS structures themselves, once an entry point has said where they are. */

#include "smbios.h"

struct smbios_table {
    uint64_t at;
    uint32_t size;  /* bytes; the most there can be where count is 0 */
    uint32_t count; /* of structures; 0: as many as there are before an end-of-table structure */
};

/* Reads the structures into *out. False with a sentence in err where they are damaged. */
bool smbios_table_read(const struct phys_memory *memory, const struct smbios_table *table, struct smbios *out,
                       char *err, size_t err_size);
