#pragma once
/* What every fuzz target includes. LLVM documentation, "libFuzzer - a library for coverage-guided fuzz
 * testing". */

#include "phys_memory.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* The physical address of the first byte of memory: small, so that chance finds it. */
#define START    0x1000ull
#define ERR_SIZE 256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold whatever the input is. */
#define HOLDS(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);                   \
            abort();                                                                                         \
        }                                                                                                    \
    } while (0)

/* Makes the sum of the bytes 0 by the one at an offset. */
static inline void repair_sum(uint8_t *bytes, size_t size, size_t checksum)
{
    bytes[checksum] = (uint8_t)(bytes[checksum] - bytes_sum(bytes, size));
}

/* One line of printable ASCII that says something and is not cut. */
static inline void sentence_holds(const char *err)
{
    size_t length = 0;

    while (err[length] != '\0') {
        HOLDS(err[length] >= ' ' && err[length] <= '~');
        length++;
    }
    HOLDS(length > 0 && length < ERR_SIZE - 1);
}
