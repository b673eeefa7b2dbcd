#include "phys_memory.h"

bool phys_sum(const struct phys_memory *memory, uint64_t at, uint32_t size, uint8_t *sum)
{
    uint8_t piece[256];

    *sum = 0;
    while (size) {
        uint32_t now = size < sizeof(piece) ? size : sizeof(piece);

        if (!memory->read(memory->context, at, piece, now))
            return false;
        for (uint32_t i = 0; i < now; i++)
            *sum = (uint8_t)(*sum + piece[i]);
        at += now;
        size -= now;
    }
    return true;
}
