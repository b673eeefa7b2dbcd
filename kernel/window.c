#include "window.h"

#include "cpu.h"
#include "frames.h"
#include "string.h"

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

static uint64_t *top_entry(const struct space *space, unsigned i)
{
    uint64_t *root = frame_pointer(space->root);

    return &root[top_index(i % WINDOW_HALVES, i / WINDOW_HALVES)];
}

static void free_windows(const struct space *space)
{
    for (unsigned i = 0; i < WINDOW_HALVES * WINDOWS; i++) {
        free_tables(*top_entry(space, i), space->levels);
        *top_entry(space, i) = 0;
    }
}

void window_clear(void)
{
    uint64_t cr4 = cr4_read();

    free_windows(space_current());
    cr4_write(cr4 ^ X86_CR4_PGE); /* drops every translation, global ones too */
    cr4_write(cr4);
}

bool window_space_make(struct space *space)
{
    *space = (struct space){.root = frame_alloc(), .levels = space_current()->levels};
    if (!space->root)
        return false;
    memcpy(frame_pointer(space->root), frame_pointer(space_current()->root), X86_PAGE_SIZE);
    for (unsigned i = 0; i < WINDOW_HALVES * WINDOWS; i++)
        *top_entry(space, i) = 0;
    return true;
}

void window_space_free(struct space *space)
{
    if (!space->root)
        return;
    free_windows(space);
    frame_free(space->root);
    space->root = 0;
}
