#pragma once
/* From the loader's words to memory that may be used. */

#include "pool.h"

/*
 * Reads the loader's structure into the returned value and gives the usable memory that nothing else stands
 * in to the frame allocator. Ends the run through refuse() on broken structures and on too little memory.
 * Runs on the first page tables, which map the lowest 4 GiB.
 */
const struct boot_info *memory_init(uint32_t magic, uint64_t info);

/* What it read, and what it chose. */
const struct boot_info *memory_boot(void);
const struct pool *memory_pool(void);

/* "# @ memory ...": how much there is, and which part of it is the kernel's. */
void memory_print(void);
