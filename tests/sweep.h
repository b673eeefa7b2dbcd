#pragma once
/* The same check on every page size and in both halves, under every pair of rights that decides something. */

#include "trial.h"

#define PF_KEY_READ  FAULT_PF(X86_PF_PK | X86_PF_P)
#define PF_KEY_WRITE FAULT_PF(X86_PF_PK | X86_PF_W | X86_PF_P)

/* One page: its key's rights, CR0.WP, and what a read and a write of it come to. */
struct page_row {
    const char *about;
    uint32_t rights;
    bool wp;
    fault_t read, write;
};

/* Two pages side by side, and which of them deny. */
enum { NEITHER, FIRST, SECOND, BOTH };
struct pair_row {
    const char *about;
    uint32_t rights[2];
    bool wp;
    unsigned read, write;
};

/* A place of the sweep: one mapped area or two, filled with the pattern, and the machine with the row's
 * rights. */
struct page_place {
    struct areas *areas;
    const struct page_row *row;
    struct machine machine;
};
struct pair_place {
    struct areas *areas;
    const struct pair_row *row;
    struct machine machine;
};

typedef void page_check(const struct page_place *place, const void *what);
typedef void pair_check(const struct pair_place *place, const void *what);

/* 4 KiB, 2 MiB and 1 GiB pages (or only those the processor has), both halves, every row. */
void sweep_pages(page_check *check, const void *what);

/* 4 KiB and 2 MiB pages in each combination, equal ones in the low half and others in the high one; every
 * row. */
void sweep_pairs(pair_check *check, const void *what);

/* For a denied write over the edge: the page that allows it may have been announced as written to before the
 * other one denied, so its D is open. */
void pair_dirty_open(const struct pair_place *place);

/* What an access of `size` bytes at `va` comes to, and fills in what trial.h wants to know of CR2. */
void trial_want_pair(struct trial *trial, const struct pair_place *place, uint64_t va, unsigned size,
                     bool write);
