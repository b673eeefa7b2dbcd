#include "window.h"

#include "cpu.h"
#include "frames.h"

/* Index in the top table: an eighth of the way into each half, far from the kernel's identity map at 0. */
static unsigned top_index(enum window_half half, unsigned window)
{
    return X86_TABLE_ENTRIES / 8 * (half == WINDOW_LOW ? 1 : 5) + window;
}

uint64_t window_address_in(enum window_half half, unsigned window, unsigned slot)
{
    unsigned levels = space_current()->levels;
    unsigned unused = 64 - X86_PAGE_BITS - X86_INDEX_BITS * levels;
    uint64_t base = (uint64_t)top_index(half, window) << (64 - unused - X86_INDEX_BITS);

    /* sign-extended from the highest bit that is translated */
    return (uint64_t)((int64_t)(base << unused) >> unused) + slot * level_size(LEVEL_1G);
}

const char *window_half_name(enum window_half half)
{
    return half == WINDOW_LOW ? "low" : "high";
}

/* Frees a table and everything below it; leaves are only forgotten, and so is what a broken test left behind.
 */
static void free_tables(uint64_t raw, unsigned level)
{
    struct entry e = entry_decode(raw, level);
    const uint64_t *table = frame_pointer(e.address);

    if (!e.present || e.leaf || !frame_owned(e.address))
        return;
    for (unsigned i = 0; i < X86_TABLE_ENTRIES; i++)
        free_tables(table[i], level - 1);
    frame_free(e.address);
}

void window_clear(void)
{
    const struct space *space = space_current();
    uint64_t *root = frame_pointer(space->root);
    uint64_t cr4 = cr4_read();

    for (unsigned i = 0; i < WINDOW_HALVES * WINDOWS; i++) {
        uint64_t *top = &root[top_index(i % WINDOW_HALVES, i / WINDOW_HALVES)];

        free_tables(*top, space->levels);
        *top = 0;
    }
    cr4_write(cr4 ^ X86_CR4_PGE); /* drops every translation, global ones too */
    cr4_write(cr4);
}
