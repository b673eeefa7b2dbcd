#include "paging.h"

#include "cpu.h"
#include "frames.h"
#include "shootdown.h"
#include "spin.h"

void paging_mode_switch(uint64_t root, uint32_t la57);

static struct spin tables; /* whoever has it may make and free tables */
static const struct space *current;

const char *level_name(unsigned level)
{
    static const char *const name[] = {[LEVEL_4K] = "4k", [LEVEL_2M] = "2m", [LEVEL_1G] = "1g"};

    return name[level];
}

uint64_t entry_encode(struct entry f, unsigned level)
{
    uint64_t raw = f.address & X86_PTE_ADDR;

    raw |= (uint64_t)(f.key & X86_PTE_PKEY_MASK) << X86_PTE_PKEY_BIT;
    raw |= f.present ? X86_PTE_P : 0;
    raw |= f.writable ? X86_PTE_RW : 0;
    raw |= f.user ? X86_PTE_US : 0;
    raw |= f.execute_disable ? X86_PTE_XD : 0;
    raw |= f.global ? X86_PTE_G : 0;
    raw |= f.accessed ? X86_PTE_A : 0;
    raw |= f.dirty ? X86_PTE_D : 0;
    raw |= f.uncached ? X86_PTE_PCD | X86_PTE_PWT : 0;
    raw |= f.leaf && level > LEVEL_4K ? X86_PTE_PS : 0;
    return raw;
}

struct entry entry_decode(uint64_t raw, unsigned level)
{
    return (struct entry){
        .address = raw & X86_PTE_ADDR,
        .key = raw >> X86_PTE_PKEY_BIT & X86_PTE_PKEY_MASK,
        .present = raw & X86_PTE_P,
        .writable = raw & X86_PTE_RW,
        .user = raw & X86_PTE_US,
        .execute_disable = raw & X86_PTE_XD,
        .global = raw & X86_PTE_G,
        .accessed = raw & X86_PTE_A,
        .dirty = raw & X86_PTE_D,
        .uncached = (raw & (X86_PTE_PCD | X86_PTE_PWT)) == (X86_PTE_PCD | X86_PTE_PWT),
        .leaf = level == LEVEL_4K || raw & X86_PTE_PS,
    };
}

uint64_t entry_reserved_bit(unsigned level, bool leaf)
{
    if (level > LEVEL_1G)
        return X86_PTE_PS; /* PML4E and PML5E */
    if (leaf && level > LEVEL_4K)
        return 1ull << 13; /* between PAT and the page's address */
    return cpu.physical_bits < 52 ? 1ull << 51 : 0;
}

bool address_canonical(const struct space *space, uint64_t va)
{
    unsigned sign = X86_PAGE_BITS + X86_INDEX_BITS * space->levels - 1;
    uint64_t top = va >> sign;

    return top == 0 || top == ~0ull >> sign;
}

static uint64_t *table_slot(uint64_t table, uint64_t va, unsigned level)
{
    unsigned shift = X86_PAGE_BITS + X86_INDEX_BITS * (level - 1);

    return (uint64_t *)frame_pointer(table) + (va >> shift) % X86_TABLE_ENTRIES;
}

uint64_t *page_walk(const struct space *space, uint64_t va, unsigned level, bool allocate, unsigned *at)
{
    uint64_t table = space->root;

    for (unsigned l = space->levels;; l--) {
        uint64_t *slot = table_slot(table, va, l);
        struct entry e = entry_decode(*slot, l);

        if (at)
            *at = l;
        if (l == level || (e.present && e.leaf) || (!e.present && !allocate))
            return slot;
        if (!e.present) {
            e = (struct entry){.address = frame_alloc(), .present = true, .writable = true, .user = true};
            if (!e.address)
                return NULL;
            *slot = entry_encode(e, l);
        }
        table = e.address;
    }
}

static enum map_result map(const struct space *space, uint64_t va, unsigned level, struct entry leaf)
{
    uint64_t *slot;
    unsigned at;

    if ((va | leaf.address) % level_size(level))
        return MAP_MISALIGNED;
    if (!address_canonical(space, va))
        return MAP_NOT_CANONICAL;
    slot = page_walk(space, va, level, true, &at);
    if (!slot)
        return MAP_NO_FRAME;
    if (*slot & X86_PTE_P)
        return MAP_EXISTS;
    leaf.present = leaf.leaf = true;
    *slot = entry_encode(leaf, level);
    return MAP_OK;
}

uint64_t entry_with_key(uint64_t raw, unsigned key)
{
    return (raw & ~((uint64_t)X86_PTE_PKEY_MASK << X86_PTE_PKEY_BIT)) | (uint64_t)key << X86_PTE_PKEY_BIT;
}

static bool find(uint64_t va, struct page_found *found)
{
    uint64_t table = cr3_read() & X86_PTE_ADDR;

    found->user = true;
    for (found->level = cr4_read() & X86_CR4_LA57 ? 5 : 4; found->level; found->level--) {
        found->leaf = entry_decode(*table_slot(table, va, found->level), found->level);
        found->user &= found->leaf.user;
        if (!found->leaf.present || found->leaf.leaf)
            return found->leaf.present;
        table = found->leaf.address;
    }
    return false;
}

bool page_find(uint64_t va, struct page_found *found)
{
    uint64_t flags;
    bool any;

    if (spin_held(&tables)) /* a fault in here, about to be reported */
        return find(va, found);
    flags = spin_lock(&tables); /* no other processor takes a table away meanwhile */
    any = find(va, found);
    spin_unlock(&tables, flags);
    return any;
}

bool page_split(const struct space *space, uint64_t va)
{
    unsigned level;
    uint64_t *slot;

    while (slot = page_walk(space, va, LEVEL_4K, false, &level), *slot & X86_PTE_P && level > LEVEL_4K) {
        struct entry piece = entry_decode(*slot, level);
        struct entry table = {.address = frame_alloc(), .present = true, .writable = true, .user = true};

        if (!table.address)
            return false;
        for (unsigned i = 0; i < X86_TABLE_ENTRIES; i++) {
            *table_slot(table.address, i * level_size(level - 1), level - 1) = entry_encode(piece, level - 1);
            piece.address += level_size(level - 1);
        }
        *slot = entry_encode(table, level);
        invlpg(va);
    }
    return true;
}

static bool table_empty(const uint64_t *table)
{
    for (unsigned i = 0; i < X86_TABLE_ENTRIES; i++)
        if (table[i])
            return false;
    return true;
}

static bool unmap(const struct space *space, uint64_t va)
{
    uint64_t unused[LEVEL_MAX];
    unsigned level, count = 0;
    uint64_t *slot = page_walk(space, va, LEVEL_4K, false, &level);

    if (!(*slot & X86_PTE_P))
        return false;
    *slot = 0;
    while (++level <= space->levels) {
        uint64_t *parent = page_walk(space, va, level, false, NULL);
        uint64_t table = *parent & X86_PTE_ADDR;

        if (!table_empty(frame_pointer(table)))
            break;
        *parent = 0;
        unused[count++] = table;
    }
    shootdown(va); /* drops the paging-structure caches for va too: nobody walks these tables any more */
    while (count)
        frame_free(unused[--count]);
    return true;
}

enum map_result page_map(const struct space *space, uint64_t va, unsigned level, struct entry leaf)
{
    uint64_t flags = spin_lock(&tables);
    enum map_result result = map(space, va, level, leaf);

    spin_unlock(&tables, flags);
    return result;
}

bool page_unmap(const struct space *space, uint64_t va)
{
    uint64_t flags = spin_lock(&tables);
    bool any = unmap(space, va);

    spin_unlock(&tables, flags);
    return any;
}

const struct space *space_current(void)
{
    return current;
}

void space_enter(const struct space *space)
{
    uint32_t la57 = space->levels == 5 ? X86_CR4_LA57 : 0;

    if ((cr4_read() & X86_CR4_LA57) == la57)
        cr3_write(space->root);
    else
        paging_mode_switch(space->root, la57);
    current = space;
}
