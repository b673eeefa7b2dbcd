#include "starts.h"

enum { WORD = 32 };

static unsigned count(uint32_t bits)
{
    unsigned number = 0;

    for (; bits; bits &= bits - 1)
        number++;
    return number;
}

unsigned starts_below(const struct starts *table, unsigned words, uint64_t limit)
{
    uint64_t word = limit / WORD;

    if (!words)
        return 0;
    if (word >= words)
        return table[words - 1].before + count(table[words - 1].bits);
    return table[word].before + count(table[word].bits & ((1u << limit % WORD) - 1));
}

uint32_t starts_at(const struct starts *table, unsigned words, unsigned index)
{
    unsigned low = 0; /* the last word with no more than `index` numbers before it is in [low, high) */
    unsigned high = words;
    uint32_t bits;

    while (high - low > 1) {
        unsigned middle = (low + high) / 2;

        if (table[middle].before <= index)
            low = middle;
        else
            high = middle;
    }
    bits = table[low].bits;
    for (unsigned i = table[low].before; i < index; i++)
        bits &= bits - 1;
    return low * WORD + (unsigned)__builtin_ctz(bits);
}
