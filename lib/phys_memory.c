#include "phys_memory.h"

uint8_t bytes_sum(const void *bytes, size_t size)
{
    uint8_t sum = 0;

    for (size_t i = 0; i < size; i++)
        sum = (uint8_t)(sum + ((const uint8_t *)bytes)[i]);
    return sum;
}

bool phys_sum(const struct phys_memory *memory, uint64_t at, uint32_t size, uint8_t *sum)
{
    uint8_t piece[256];

    *sum = 0;
    while (size) {
        uint32_t now = size < sizeof(piece) ? size : sizeof(piece);

        if (!memory->read(memory->context, at, piece, now))
            return false;
        *sum = (uint8_t)(*sum + bytes_sum(piece, now));
        at += now;
        size -= now;
    }
    return true;
}
