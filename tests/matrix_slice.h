#pragma once
/* Between the loops over a slice (matrix_slice.c) and the run of one combination (matrix_run.c). */

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

/* What one test has done so far. */
struct matrix_tally {
    uint64_t cases;
    uint64_t skipped[PKS_LEGALITIES];
    uint64_t of_kind[PKS_KINDS], wrong_of_kind[PKS_KINDS]; /* cases since matrix_heat_add() took them over */
};

extern struct matrix_tally matrix_tally;

/*
 * Runs all selected cases of up to MATRIX_STRIPS walks that differ in nothing but the walk axes; the sight of
 * the last one. matrix_open() has been called for their leaf.
 */
struct matrix_sight matrix_combination(const struct pks_case *cases, unsigned count,
                                       const struct matrix_selection *sel);

/* ---- tests/matrix_heat.c */

/* Takes over the kinds of a tally: cases with the key and the rights of this one. */
void matrix_heat_add(const struct pks_case *c, struct matrix_tally *tally);
