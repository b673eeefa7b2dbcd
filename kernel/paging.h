#pragma once
/* Page tables under 4- and 5-level paging: entries from named fields, one walk, one map function.
 * Source: Intel SDM volume 3, "4-Level Paging and 5-Level Paging". */

#include "x86.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A level is the number of tables still below an entry plus one: 1 is a PTE, 5 a PML5E. */
enum { LEVEL_4K = 1, LEVEL_2M = 2, LEVEL_1G = 3, LEVEL_MAX = 5 };

/* One address space. */
struct space {
    uint64_t root;   /* physical address of the top table */
    unsigned levels; /* 4 or 5 */
};

/* An entry by its fields. `leaf` says that it maps a page, at any level; `uncached` is PCD and PWT together:
 * memory type UC with the PAT of reset (SDM volume 3, "Page Attribute Table"). */
struct entry {
    uint64_t address; /* physical; a page for a leaf, otherwise a table */
    unsigned key;     /* bits 62:59; means something in a leaf only */
    bool present, writable, user, execute_disable, global, accessed, dirty, leaf, uncached;
};

enum map_result { MAP_OK, MAP_EXISTS, MAP_NO_FRAME, MAP_MISALIGNED, MAP_NOT_CANONICAL };

/* Bytes that one entry of a level spans. */
static inline uint64_t level_size(unsigned level)
{
    return 1ull << (X86_PAGE_BITS + X86_INDEX_BITS * (level - 1));
}

/* "4k", "2m", "1g" for a level that can hold a leaf. */
const char *level_name(unsigned level);

/* Builds, and takes apart, the entry of a given level (bit 7 is the leaf mark above level 1). */
uint64_t entry_encode(struct entry fields, unsigned level);
struct entry entry_decode(uint64_t raw, unsigned level);

/* True if bits 63 to 47 (4 levels) or 63 to 56 (5 levels) of the address are all equal. */
bool address_canonical(const struct space *space, uint64_t va);

/*
 * A bit that is reserved in a present entry of a level, whatever the processor supports otherwise; 0 where it
 * has none: entries without a fixed one use address bit 51, which exists with MAXPHYADDR = 52.
 */
uint64_t entry_reserved_bit(unsigned level, bool leaf);

/*
 * The entry that stands for `va` at `level`; where the walk ends earlier, in a leaf or in an entry that is
 * not present, that one. *at (may be NULL) receives its level. With `allocate`, missing tables above `level`
 * are made, with every right, so that the leaf decides. NULL only when a table is missing and no frame is
 * left.
 */
uint64_t *page_walk(const struct space *space, uint64_t va, unsigned level, bool allocate, unsigned *at);

/*
 * Maps one page of `level` at `va` with the fields of `leaf` (present and leaf are implied). Refuses to map
 * over anything that is present. No invalidation is needed: translations that are not present are not cached.
 */
enum map_result page_map(const struct space *space, uint64_t va, unsigned level, struct entry leaf);

/* A raw leaf entry with another protection key. */
uint64_t entry_with_key(uint64_t raw, unsigned key);

/* The page that maps an address, found as the processor finds it: from CR3, with CR4.LA57. */
struct page_found {
    struct entry leaf;
    unsigned level;
    bool user; /* a user-mode address: U/S is set in every entry of the walk */
};

/* False where no page maps it. */
bool page_find(uint64_t va, struct page_found *found);

/* Makes small pages with the same fields of the large one that covers va, so that one of them can be changed
 * alone. False when no frame is left. */
bool page_split(const struct space *space, uint64_t va);

/* Removes the page that covers va, invalidates it on every processor that takes part, and then frees the
 * tables that became empty. False if none did. */
bool page_unmap(const struct space *space, uint64_t va);

/* The space in CR3 now. */
const struct space *space_current(void);

/* Loads a space of the same number of levels into CR3, or of the other one by leaving long mode. */
void space_enter(const struct space *space);
