/*
 * The pages of a matrix: in each half and lane a strip, with one page for each kind of access, so that a
 * fault which drops one translation leaves the other kinds' warm ones alone; all with the same entries, all
 * leading to the same memory.
 */
#include "matrix_pages.h"
#include "fastprobe.h"
#include "frames.h"
#include "string.h"
#include "target.h"

#define SLOT    2      /* of the window; a strip of 1 GiB pages takes the next ones too */
#define OFFSET  0x140u /* of the first kind's eight bytes inside the page */
#define SPACING 64u

struct strip {
    uint64_t va[PKS_KINDS]; /* of the eight bytes */
    uint64_t *leaf[PKS_KINDS];
    uint64_t *upper[LEVEL_MAX + 1]; /* shared by all of them */
    uint64_t table[LEVEL_MAX + 1];  /* that those lead to */
    uint64_t raw;                   /* the leaves with A and D clear */
};

static struct strip strips[MATRIX_STRIPS][WINDOW_HALVES];
static struct strip *in_use[MATRIX_STRIPS];
static bool any_global;  /* among the walks that are set */
static bool was_global;  /* among those before, whose translations may still be cached */
static uint64_t memory;  /* physical, 2 MiB */
static uint64_t program; /* address of the copy for CPL 3 */
static unsigned leaf_level;

volatile uint64_t *matrix_memory(unsigned kind)
{
    return (volatile uint64_t *)((uint8_t *)frame_pointer(memory) + OFFSET + kind * SPACING);
}

uint64_t matrix_address(unsigned lane, unsigned kind)
{
    return in_use[lane]->va[kind];
}

uint64_t matrix_leaf(unsigned lane, unsigned kind)
{
    return *in_use[lane]->leaf[kind];
}

uint64_t matrix_program(void)
{
    return program;
}

static bool map_program(void)
{
    struct entry page = {.user = true, .address = frame_alloc()};

    program = window_address_in(WINDOW_LOW, MATRIX_STRIPS, 0);
    if (!page.address || page_map(space_current(), program, LEVEL_4K, page) != MAP_OK)
        return false;
    memcpy(frame_pointer(page.address), ring_program, (size_t)(ring_program_end - ring_program));
    return true;
}

static bool map_strip(unsigned lane, enum window_half half)
{
    struct strip *strip = &strips[lane][half];
    uint64_t inside = memory & (level_size(leaf_level) - 1);
    struct entry leaf = {.address = memory - inside, .writable = true};

    for (unsigned kind = 0; kind < PKS_KINDS; kind++) {
        uint64_t va = window_address_in(half, lane, SLOT) + kind * level_size(leaf_level);

        if (page_map(space_current(), va, leaf_level, leaf) != MAP_OK)
            return false;
        strip->va[kind] = va + inside + OFFSET + kind * SPACING;
        strip->leaf[kind] = page_walk(space_current(), va, leaf_level, false, NULL);
    }
    for (unsigned level = leaf_level + 1; level <= space_current()->levels; level++) {
        strip->upper[level] = page_walk(space_current(), strip->va[0], level, false, NULL);
        strip->table[level] = *strip->upper[level] & X86_PTE_ADDR;
    }
    return true;
}

bool matrix_pages_map(unsigned level)
{
    bool mapped;

    leaf_level = level;
    if (!memory)
        memory = target_run();
    mapped = memory && map_program();
    for (unsigned i = 0; i < MATRIX_STRIPS; i++)
        mapped = mapped && map_strip(i, WINDOW_LOW) && map_strip(i, WINDOW_HIGH);
    return mapped;
}

void matrix_pages_unmap(void)
{
    for (unsigned i = 0; i < MATRIX_STRIPS * WINDOW_HALVES; i++) { /* sound again, so that all can be freed */
        struct strip *strip = &strips[i / WINDOW_HALVES][i % WINDOW_HALVES];

        for (unsigned level = leaf_level + 1; level <= space_current()->levels; level++)
            *strip->upper[level] = strip->table[level] | X86_PTE_P;
    }
    window_clear();
}

static uint64_t raw_of(const struct pks_entry *e, unsigned level, uint64_t address, bool global)
{
    bool leaf = level == leaf_level;
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

void matrix_set_walk(unsigned lane, const struct pks_case *c, const struct pks_layout *l)
{
    struct strip *strip = in_use[lane] = &strips[lane][c->v[PKS_AXIS_half]];
    uint64_t inside = memory & (level_size(leaf_level) - 1);

    for (unsigned level = l->levels; level > leaf_level; level--)
        *strip->upper[level] = raw_of(&l->upper[level], level, strip->table[level], false);
    strip->raw = raw_of(&l->leaf, leaf_level, memory - inside, c->v[PKS_AXIS_global]);
    any_global = (lane && any_global) || c->v[PKS_AXIS_global];
}

void matrix_reset(unsigned lane, unsigned kind)
{
    *in_use[lane]->leaf[kind] = in_use[lane]->raw;
}

void matrix_flush(void)
{
    if (any_global || was_global) {
        cr4_write(cr4_read() & ~(uint64_t)X86_CR4_PGE);
        cr4_write(cr4_read() | X86_CR4_PGE);
    } else {
        cr3_write(cr3_read());
    }
    was_global = any_global;
}
