#pragma once
/* Physical memory as the parsers of firmware's tables see it: bytes that may be asked for, and refused. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Copies size bytes of physical memory to `to`; false where there is no memory that may be read, and where
 * the addresses wrap around. */
struct phys_memory {
    bool (*read)(void *context, uint64_t at, void *to, size_t size);
    void *context;
};

/* The sum of bytes modulo 256, which firmware's tables and their heads make 0. */
uint8_t bytes_sum(const void *bytes, size_t size);

/* The sum of size bytes of memory, which is 0 in sound tables. False where they cannot be read. */
bool phys_sum(const struct phys_memory *memory, uint64_t at, uint32_t size, uint8_t *sum);
