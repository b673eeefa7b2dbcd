#pragma once
/* Numbers in ascending order as a bitmap, 32 to a word, with a count in each word of those before it. Where
 * every fourth number is there, that is a quarter of a list. */

#include <stdint.h>

struct starts {
    uint32_t before; /* how many numbers stand in the words before this one */
    uint32_t bits;   /* bit I of word W: the number 32 * W + I is there */
};

/* How many of the numbers are below the limit. */
unsigned starts_below(const struct starts *table, unsigned words, uint64_t limit);

/* The number that has `index` others below it. It has to be there. */
uint32_t starts_at(const struct starts *table, unsigned words, unsigned index);
