#include "symbols.h"

#include "starts.h"
#include "string.h"

#include <stddef.h>

/* build/symbols.c, sorted by address */
struct symbol {
    uint32_t address;
    const char *name;
};
extern const struct symbol symbols[];
extern const unsigned symbol_count;

/* build/instructions.c; the addresses count from the base */
extern const uint64_t instruction_base;
extern const struct starts instruction_starts[];
extern const unsigned instruction_words;

extern const char text_start[], text_end[]; /* linker.ld */

/* The number of the first symbol behind the address. */
static unsigned behind(uint64_t address)
{
    unsigned low = 0;
    unsigned high = symbol_count;

    while (low < high) {
        unsigned middle = (low + high) / 2;

        if (symbols[middle].address <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const char *symbol_find(uint64_t address, uint64_t *offset)
{
    unsigned next;

    if (address < (uintptr_t)text_start || address >= (uintptr_t)text_end)
        return NULL;
    next = behind(address);
    if (!next)
        return NULL;
    *offset = address - symbols[next - 1].address;
    return symbols[next - 1].name;
}

unsigned symbols_named(const char *name)
{
    unsigned named = 0;

    for (unsigned i = 0; i < symbol_count; i++)
        named += strcmp(symbols[i].name, name) == 0;
    return named;
}

uint64_t symbol_address(const char *name)
{
    for (unsigned i = 0; i < symbol_count; i++)
        if (strcmp(symbols[i].name, name) == 0)
            return symbols[i].address;
    return 0;
}

uint64_t symbol_next(uint64_t address)
{
    unsigned next = behind(address);

    return next < symbol_count ? symbols[next].address : (uintptr_t)text_end;
}

unsigned instruction_number(uint64_t address)
{
    if (address < instruction_base)
        return 0;
    return starts_below(instruction_starts, instruction_words, address - instruction_base);
}

uint64_t instruction_at(unsigned number)
{
    return instruction_base + starts_at(instruction_starts, instruction_words, number);
}
