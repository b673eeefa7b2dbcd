#pragma once
/* The names of the kernel's functions and where its instructions start: the build takes both from the linked
 * image. */

#include <stdint.h>

/* The function that holds an address of the kernel's text, and how far into it; NULL outside the text. */
const char *symbol_find(uint64_t address, uint64_t *offset);

/* How many functions have that name: static ones may share it, or be inlined and have none. Where the first
 * one starts, 0 for none; and where the symbol behind an address starts. */
unsigned symbols_named(const char *name);
uint64_t symbol_address(const char *name);
uint64_t symbol_next(uint64_t address);

/* How many instructions there are, padding included. They are numbered in order. */
extern const unsigned instruction_count;

/* The number of the first instruction that starts at the address or behind it, instruction_count for none. */
unsigned instruction_number(uint64_t address);

/* Where an instruction starts, by its number. */
uint64_t instruction_at(unsigned number);
