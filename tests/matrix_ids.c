/*
 * One id for each paging mode (the runner adds it), leaf size, layout of the U/S flags and family of
 * accesses, so that a known issue hides one slice and not the rest: data at CPL 0, fetches at CPL 0,
 * everything at CPL 1 and 2, everything at CPL 3, and apart from all of them the cases in which more than one
 * thing denies.
 */
#include "matrix.h"

#define SLICE(size, leaf, layout, us)                                                                        \
    TEST(matrix_##size##_##layout##_data, "Data accesses at CPL 0, " #size " pages, U/S=0: " #layout)        \
    {                                                                                                        \
        matrix_run(leaf, us, MATRIX_DATA);                                                                   \
    }                                                                                                        \
    TEST(matrix_##size##_##layout##_fetch, "Fetches at CPL 0, " #size " pages, U/S=0: " #layout)             \
    {                                                                                                        \
        matrix_run(leaf, us, MATRIX_FETCH);                                                                  \
    }                                                                                                        \
    TEST(matrix_##size##_##layout##_ring, "All accesses at CPL 1 and 2, " #size " pages, U/S=0: " #layout)   \
    {                                                                                                        \
        matrix_run(leaf, us, MATRIX_RING);                                                                   \
    }                                                                                                        \
    TEST(matrix_##size##_##layout##_user, "All accesses at CPL 3, " #size " pages, U/S=0: " #layout)         \
    {                                                                                                        \
        matrix_run(leaf, us, MATRIX_USER);                                                                   \
    }                                                                                                        \
    TEST(matrix_##size##_##layout##_locked, "Locked read-modify-writes, " #size " pages, U/S=0: " #layout)   \
    {                                                                                                        \
        matrix_run(leaf, us, MATRIX_LOCKED);                                                                 \
    }                                                                                                        \
    TEST(matrix_##size##_##layout##_many, "Several causes of denial, " #size " pages, U/S=0: " #layout)      \
    {                                                                                                        \
        matrix_run(leaf, us, MATRIX_MANY);                                                                   \
    }

#define SIZE(size, number)                                                                                   \
    SLICE(size, number, none, PKS_US_NONE)                                                                   \
    SLICE(size, number, all, PKS_US_ALL)                                                                     \
    SLICE(size, number, leaf, PKS_US_LEAF)                                                                   \
    SLICE(size, number, level4, PKS_US_L4)                                                                   \
    SLICE(size, number, level5, PKS_US_L5)

TEST(matrix_case, "The one case of case=, in the paging mode it names")
{
    const struct args *args = test_args();
    struct matrix_sight seen = {0};

    matrix_heat_print(); /* here, because by its name this test comes after all the others of the matrix */
    SKIP_UNLESS(args->case_given, "no case=");
    SKIP_UNLESS(args->matrix_case.v[PKS_AXIS_paging] == (test_levels() == 5),
                "case= has the other paging mode");
    SKIP_UNLESS(cpu.pks, "no pks");
    matrix_report_begin();
    if (!matrix_single(&args->matrix_case, &seen, NULL))
        test_skip("case= is not legal here");
    else
        test_note("case want=%s got=%s", fault_text(seen.want).s, fault_text(seen.got).s);
    matrix_report();
}

SIZE(4k, 0)
SIZE(2m, 1)
SIZE(1g, 2)
SLICE(4k, 0, level3, PKS_US_L3)
SLICE(4k, 0, level2, PKS_US_L2)
SLICE(2m, 1, level3, PKS_US_L3)
