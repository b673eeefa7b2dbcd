/*
 * The pages of a matrix: in each half and lane a strip, with one page for each kind of access, so that a
 * fault which drops one translation leaves the other kinds' warm ones alone; all with the same entries, all
 * leading to the same memory.
 */
#include "fastprobe.h"
#include "frames.h"
#include "matrix_worker.h"
#include "string.h"
#include "target.h"

#define SLOT    2      /* of the window; a strip of 1 GiB pages takes the next ones too */
#define OFFSET  0x140u /* of the first kind's eight bytes inside the page */
#define SPACING 64u

volatile uint64_t *matrix_memory(const struct matrix_worker *w, unsigned kind)
{
    return (volatile uint64_t *)((uint8_t *)frame_pointer(w->memory) + OFFSET + kind * SPACING);
}

uint64_t matrix_address(const struct matrix_worker *w, unsigned lane, unsigned kind)
{
    return w->in_use[lane]->va[kind];
}

uint64_t matrix_leaf(const struct matrix_worker *w, unsigned lane, unsigned kind)
{
    return *w->in_use[lane]->leaf[kind];
}

/* One copy for all: nothing writes to it. */
static uint64_t program_frame(void)
{
    static uint64_t frame;

    if (!frame) {
        frame = frame_alloc();
        if (frame)
            memcpy(frame_pointer(frame), ring_program, (size_t)(ring_program_end - ring_program));
    }
    return frame;
}

static bool map_program(struct matrix_worker *w)
{
    struct entry page = {.user = true, .address = program_frame()};

    w->program = window_address_in(WINDOW_LOW, MATRIX_STRIPS, 0);
    return page.address && page_map(&w->space, w->program, LEVEL_4K, page) == MAP_OK;
}

/* The worker's page: one of a run that a page of 2 MiB can map. */
static uint64_t memory_of(unsigned number)
{
    static uint64_t run;

    if (!run)
        run = target_run();
    return run ? run + number * X86_PAGE_SIZE : 0;
}

static bool map_strip(struct matrix_worker *w, unsigned lane, enum window_half half)
{
    struct strip *strip = &w->strips[lane][half];
    uint64_t inside = w->memory & (level_size(w->leaf_level) - 1);
    struct entry leaf = {.address = w->memory - inside, .writable = true};

    for (unsigned kind = 0; kind < PKS_KINDS; kind++) {
        uint64_t va = window_address_in(half, lane, SLOT) + kind * level_size(w->leaf_level);

        if (page_map(&w->space, va, w->leaf_level, leaf) != MAP_OK)
            return false;
        strip->va[kind] = va + inside + OFFSET + kind * SPACING;
        strip->leaf[kind] = page_walk(&w->space, va, w->leaf_level, false, NULL);
    }
    for (unsigned level = w->leaf_level + 1; level <= w->space.levels; level++) {
        strip->upper[level] = page_walk(&w->space, strip->va[0], level, false, NULL);
        strip->table[level] = *strip->upper[level] & X86_PTE_ADDR;
    }
    return true;
}

bool matrix_pages_map(struct matrix_worker *w, unsigned number, unsigned leaf_level)
{
    bool mapped;

    w->leaf_level = leaf_level;
    w->any_global = w->was_global = false;
    w->memory = memory_of(number);
    memset(w->strips, 0, sizeof(w->strips));
    if (number && !window_space_make(&w->space))
        return false;
    if (!number)
        w->space = *space_current();
    mapped = w->memory && map_program(w);
    for (unsigned i = 0; i < MATRIX_STRIPS; i++)
        mapped = mapped && map_strip(w, i, WINDOW_LOW) && map_strip(w, i, WINDOW_HIGH);
    for (unsigned kind = 0; mapped && kind < PKS_KINDS; kind++)
        *matrix_memory(w, kind) = MATRIX_PATTERN;
    return mapped;
}

void matrix_pages_unmap(struct matrix_worker *w, unsigned number)
{
    for (unsigned i = 0; i < MATRIX_STRIPS * WINDOW_HALVES; i++) { /* sound again, so that all can be freed */
        struct strip *strip = &w->strips[i / WINDOW_HALVES][i % WINDOW_HALVES];

        for (unsigned level = w->leaf_level + 1; level <= w->space.levels; level++)
            if (strip->upper[level])
                *strip->upper[level] = strip->table[level] | X86_PTE_P;
    }
    if (number)
        window_space_free(&w->space);
    else
        window_clear();
}

static uint64_t raw_of(const struct pks_entry *e, unsigned level, bool leaf, uint64_t address, bool global)
{
    struct entry fields = {.address = address,
                           .present = e->present,
                           .writable = e->writable,
                           .user = e->user,
                           .execute_disable = e->xd,
                           .key = e->key,
                           .global = global,
                           .leaf = leaf};

    return entry_encode(fields, level) | (e->reserved ? entry_reserved_bit(level, leaf) : 0);
}

bool matrix_can_reserve(const struct pks_layout *l)
{
    bool can = !l->leaf.reserved || entry_reserved_bit(l->leaf_level, true);

    for (unsigned level = l->leaf_level + 1; level <= l->levels; level++)
        can = can && (!l->upper[level].reserved || entry_reserved_bit(level, false));
    return can;
}

void matrix_set_walk(struct matrix_worker *w, unsigned lane, const struct pks_case *c,
                     const struct pks_layout *l)
{
    struct strip *strip = w->in_use[lane] = &w->strips[lane][c->v[PKS_AXIS_half]];
    uint64_t inside = w->memory & (level_size(w->leaf_level) - 1);

    for (unsigned level = l->levels; level > w->leaf_level; level--)
        *strip->upper[level] = raw_of(&l->upper[level], level, false, strip->table[level], false);
    strip->raw = raw_of(&l->leaf, w->leaf_level, true, w->memory - inside, c->v[PKS_AXIS_global]);
    w->any_global = (lane && w->any_global) || c->v[PKS_AXIS_global];
}

void matrix_reset(struct matrix_worker *w, unsigned lane, unsigned kind)
{
    *w->in_use[lane]->leaf[kind] = w->in_use[lane]->raw;
}

void matrix_flush(struct matrix_worker *w)
{
    if (w->any_global || w->was_global) {
        cr4_write(cr4_read() & ~(uint64_t)X86_CR4_PGE);
        cr4_write(cr4_read() | X86_CR4_PGE);
    } else {
        cr3_write(cr3_read());
    }
    w->was_global = w->any_global;
}
