/*
 * What several processors gain: a part of the full matrix on one and on all of them, in turn, so that a slow
 * moment of the computer meets both. Printed, never asserted: a busy computer, or an emulator that has one
 * thread for all processors, gains nothing.
 */
#include "matrix_slice.h"

#define ROUNDS 2u
#define SHARDS 72u /* of 1152 units 16: for as many processors at the most */

static struct matrix_slice slice;
static struct matrix_slice *slices[MATRIX_CREW_MAX];

/* The shortest of what it took so far. */
static void run_on(unsigned count, uint64_t *shortest, struct matrix_tally *sum)
{
    const char *missing = matrix_slice_make(&slice, 0, PKS_US_ALL, MATRIX_DATA);
    uint64_t us;

    REQUIRE(!missing);
    slice.full = true;
    slice.shards = SHARDS;
    for (unsigned i = 0; i < count; i++)
        slices[i] = &slice;
    us = matrix_run_slices(slices, count, sum);
    if (!*shortest || us < *shortest)
        *shortest = us;
}

SMP_TEST(bench_matrix_speedup, "How much faster all processors run a part of the full matrix than one")
{
    uint64_t one = 0, all = 0;
    struct matrix_tally sum;

    SKIP_UNLESS(test_args()->bench != ARGS_BENCH_OFF, "bench=off");
    SKIP_UNLESS(cpu.pks, "no pks");
    SKIP_UNLESS(test_levels() == 4, "measured with 4 levels");
    matrix_report_begin();
    for (unsigned i = 0; i < test_effort(ROUNDS); i++) {
        run_on(1, &one, &sum);
        run_on(matrix_crew_size(), &all, &sum);
    }
    SKIP_UNLESS(one && all, "no clock");
    test_note("matrix speedup=%lu.%02lu cpus=%u one_us=%lu all_us=%lu cases=%lu", one / all,
              one * 100 / all % 100, matrix_crew_size(), one, all, sum.cases);
}
