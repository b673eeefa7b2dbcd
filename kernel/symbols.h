#pragma once
/* The names of the kernel's functions, which the build takes from the linked image. */

#include <stdint.h>

/* The function that holds an address of the kernel's text, and how far into it; NULL outside the text. */
const char *symbol_find(uint64_t address, uint64_t *offset);
