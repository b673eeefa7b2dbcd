#include "symbols.h"

#include <stddef.h>

/* build/symbols.c, sorted by address; scripts/symbols makes it */
struct symbol {
    uint32_t address;
    const char *name;
};
extern const struct symbol symbols[];
extern const unsigned symbol_count;

extern const char text_start[], text_end[]; /* linker.ld */

const char *symbol_find(uint64_t address, uint64_t *offset)
{
    unsigned low = 0;
    unsigned high = symbol_count;

    if (address < (uintptr_t)text_start || address >= (uintptr_t)text_end)
        return NULL;
    while (low < high) {
        unsigned middle = (low + high) / 2;

        if (symbols[middle].address <= address)
            low = middle + 1;
        else
            high = middle;
    }
    if (!low)
        return NULL;
    *offset = address - symbols[low - 1].address;
    return symbols[low - 1].name;
}
