#pragma once
/*
 * All that one processor needs for its part of a matrix, and what the files that are the machine of a matrix
 * have to tell each other. Nothing of it is shared: each worker has pages of its own, under a top table of
 * its own, and asks for them at the same addresses as every other one.
 */

#include "matrix_slice.h"

#define MATRIX_PATTERN 0x1122334455667788u /* what each kind's eight bytes hold between accesses */

/* In one half and lane: a page for each kind of access, all with the same entries. */
struct strip {
    uint64_t va[PKS_KINDS]; /* of the eight bytes */
    uint64_t *leaf[PKS_KINDS];
    uint64_t *upper[LEVEL_MAX + 1]; /* shared by all of them */
    uint64_t table[LEVEL_MAX + 1];  /* that those lead to */
    uint64_t raw;                   /* the leaves with A and D clear */
};

/* A walk under test: its case (all axes but tlb, cpl and kind), and what the oracle says for one CPL. */
struct lane {
    struct pks_case c;
    struct pks_state state;
    struct pks_walk walk;
    unsigned kinds; /* to be run */
    fault_t want[PKS_KINDS];
};

struct matrix_worker {
    struct space space; /* the current one, or one with windows of its own */
    uint64_t memory;    /* physical: the page with the eight bytes of all kinds */
    uint64_t program;   /* address of the copy for CPL 3 */
    unsigned leaf_level;
    struct strip strips[MATRIX_STRIPS][WINDOW_HALVES];
    struct strip *in_use[MATRIX_STRIPS];
    bool any_global;     /* among the walks that are set */
    bool was_global;     /* among those before, whose translations may still be cached */
    uint32_t pkrs, pkru; /* as they are now */
    struct machine_state before;
    bool at_work; /* the control state is the matrix's */
    struct lane lanes[MATRIX_STRIPS];
    struct matrix_slice *slice; /* that it takes units of */
    struct matrix_tally tally;
};

/* ---- tests/matrix_pages.c */

/* Maps all strips for a leaf level, and the program for CPL 3; false without memory. Worker 0 uses the
 * current space, the others make one. */
bool matrix_pages_map(struct matrix_worker *w, unsigned number, unsigned leaf_level);
void matrix_pages_unmap(struct matrix_worker *w, unsigned number);

/* A page's entry as it is now. */
uint64_t matrix_leaf(const struct matrix_worker *w, unsigned lane, unsigned kind);

/* ---- tests/matrix_control.c */

/* Takes this processor over: the worker's pages, interrupts off, and the normal state; and gives it back. */
void matrix_start_work(struct matrix_worker *w);
void matrix_stop_work(struct matrix_worker *w);

/* ---- tests/matrix_run.c */

/*
 * Runs all selected cases of up to MATRIX_STRIPS walks that differ in nothing but the walk axes; the sight of
 * the last one. The worker's pages are mapped for their leaf.
 */
struct matrix_sight matrix_combination(struct matrix_worker *w, const struct pks_case *cases, unsigned count,
                                       const struct matrix_selection *sel);
