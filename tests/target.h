#pragma once
/* A page under test: mapped in a window with the rights a test asks for, and reachable by the kernel as well.
 */

#include "test.h"

struct target {
    uint64_t va;    /* where the probes go: eight bytes inside the page */
    unsigned level; /* LEVEL_4K, LEVEL_2M or LEVEL_1G */
    enum window_half half;
    uint64_t *leaf;           /* its entry */
    volatile uint64_t *alias; /* the same eight bytes through the kernel's own mapping, on key 0 */
};

/* Fields of an ordinary supervisor data page with a key: present, writable. */
static inline struct entry target_page(unsigned key)
{
    return (struct entry){.writable = true, .key = key};
}

/*
 * Maps one page of a level with the fields of `leaf` (its address is filled in) in a slot of a window. All
 * targets share one piece of memory. False, with a test_error(), when that is not possible. A 1 GiB page
 * covers what lies around that memory, which is usable memory where a machine has a gigabyte of it in one
 * piece ("# @ memory gigabyte="); nothing but the eight bytes is ever touched through it.
 */
bool target_map(struct target *target, unsigned level, enum window_half half, unsigned slot,
                struct entry leaf);

/* 2 MiB of memory for pages of every size, aligned, not zeroed; for good. 0 when there is no such run. */
uint64_t target_run(void);

/* The 2 MiB of memory that every target lies in, allocated once, aligned; 0 when there is no such run. */
uint64_t target_memory(void);

/* True if the processor has pages of that level. */
bool target_level_exists(unsigned level);

/* Writes the leaf entry and leaves what is cached of it alone. */
void target_edit_leaf(const struct target *target, uint64_t raw);

/* The same, and invalidates its translation. */
void target_set_leaf(const struct target *target, uint64_t raw);
