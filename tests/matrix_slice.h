#pragma once
/* A slice: which combinations it has, how they are divided into units, and what came of them. */

#include "matrix.h"

/* The innermost axes as bit sets, and which legalities are to be run: one cause of denial at most, or many.
 */
struct matrix_selection {
    unsigned cpls, tlbs, kinds;
    unsigned accepted; /* of enum pks_legality */
};

static inline unsigned matrix_bits(unsigned set)
{
    unsigned count = 0;

    for (; set; set &= set - 1)
        count++;
    return count;
}

/*
 * A unit holds one row of the control axes; whoever is free takes the next one. The cases of a unit that need
 * the kernel on key 1 are a part of their own, which has to wait until the kernel stands there.
 */
struct matrix_slice {
    struct pks_case base; /* paging, leaf and U/S of all its cases */
    enum matrix_family family;
    bool full;
    bool heat;              /* its cases are among those of the heat map */
    uint32_t shard, shards; /* which units belong to it: pks_shard_owns() */
    unsigned first;         /* the unit to begin with */
    unsigned taken[2];      /* how many units somebody has taken, by the kernel's key */
};

/* How much was done. */
struct matrix_tally {
    uint64_t cases;
    uint64_t skipped[PKS_LEGALITIES];
    uint64_t of_kind[PKS_KINDS], wrong_of_kind[PKS_KINDS]; /* cases since matrix_heat_add() took them over */
};

static inline uint64_t matrix_skipped(const struct matrix_tally *tally)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < PKS_LEGALITIES; i++)
        sum += tally->skipped[i];
    return sum;
}

/* The whole quick slice of a leaf, in the paging mode of now; NULL, or why this processor has no such slice.
 */
const char *matrix_slice_make(struct matrix_slice *slice, unsigned leaf, unsigned us,
                              enum matrix_family family);

/* The cases of the whole product, and those that are to be run or skipped, counted without running. */
uint64_t matrix_slice_product(const struct matrix_slice *slice);
uint64_t matrix_slice_expected(const struct matrix_slice *slice);

/* Takes units of the worker's slice until there are none left: their part for the kernel's key of now. */
void matrix_slice_work(struct matrix_worker *w, unsigned kernel_key);

/* ---- tests/matrix_crew.c */

/* Runs slices on processors 0 to count-1, each taking units of its own, which may be the same slice for all;
 * the sum of what they did. False, with a test_error(), if that could not be done. */
bool matrix_crew_run(struct matrix_slice *const *slices, unsigned count, struct matrix_tally *sum);

/* How many processors can take part: all, up to a number. */
#define MATRIX_CREW_MAX 512u
unsigned matrix_crew_size(void);

/* ---- tests/matrix_test.c */

/* The same, and a test_error() unless every case was run or skipped once; the microseconds that it took.
 * `slices` are all the same one, or all different. */
uint64_t matrix_run_slices(struct matrix_slice *const *slices, unsigned count, struct matrix_tally *sum);

/* ---- tests/matrix_heat.c */

/* Takes over the kinds of a tally: cases with the key and the rights of this one. */
void matrix_heat_add(const struct pks_case *c, struct matrix_tally *tally);
