/*
 * One test of the matrix: a slice, and what came of it. The quick one is over in a moment and stays on one
 * processor, where nothing else can be the reason for what it finds; the full one takes all there are.
 */
#include "matrix_slice.h"
#include "time.h"

uint64_t matrix_run_slices(struct matrix_slice *const *slices, unsigned count, struct matrix_tally *sum)
{
    uint64_t start = time_us();
    bool sound = matrix_crew_run(slices, count, sum);
    uint64_t us = time_us() - start;
    uint64_t expected = 0, seen = sum->cases + matrix_skipped(sum);

    for (unsigned i = 0; i < count; i++)
        if (!i || slices[i] != slices[0])
            expected += matrix_slice_expected(slices[i]);
    if (sound && seen != expected)
        test_error("matrix: %lu cases were run or skipped, and there are %lu", seen, expected);
    return us;
}

void matrix_run(unsigned leaf, unsigned us, enum matrix_family family)
{
    static struct matrix_slice *slices[MATRIX_CREW_MAX];
    struct matrix_slice slice;
    const char *missing = matrix_slice_make(&slice, leaf, us, family);
    unsigned count = test_args()->matrix_full ? matrix_crew_size() : 1;
    struct matrix_tally sum;
    uint64_t taken_us;

    SKIP_UNLESS(!missing, missing);
    slice.heat = true;
    if (test_args()->matrix_full) {
        slice.full = true;
        slice.shard = test_args()->shard;
        slice.shards = test_args()->shards;
    }
    for (unsigned i = 0; i < count; i++)
        slices[i] = &slice;
    matrix_report_begin();
    taken_us = matrix_run_slices(slices, count, &sum);
    test_note("matrix cases=%lu skipped=%lu us=%lu cpus=%u product=%lu no_level=%lu no_feature=%lu "
              "open_point=%lu many_causes=%lu one_cause=%lu",
              sum.cases, matrix_skipped(&sum), taken_us, count, matrix_slice_product(&slice),
              sum.skipped[PKS_NO_LEVEL], sum.skipped[PKS_NO_FEATURE], sum.skipped[PKS_OPEN_POINT],
              sum.skipped[PKS_MANY_CAUSES], sum.skipped[PKS_LEGAL]);
    matrix_report();
}
