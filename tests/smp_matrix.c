/*
 * The matrix on several processors at once, each with rights, entries and control registers of its own.
 *
 * PKRS, PKRU, CR0 and CR4 belong to one logical processor ("Protection Keys", "Control Registers"), and so do
 * translations ("Caching Translation Information"): what one processor may access says nothing about another
 * one, whatever that one does at the same moment. So a slice gives the same answers as alone, which the
 * oracle knows, while every other processor runs another slice, or the very same one: what one of them
 * takes over from another, wrongly, shows in values that differ or in values that are equal; and a slice that
 * is divided has the same cases, each once, and the same failures as on one processor.
 */
#include "matrix_slice.h"
#include "smp.h"
#include "time.h"

/* What each processor in turn is asked; every family, leaf and way to be a supervisor page is among four. */
static const struct {
    unsigned leaf, us;
    enum matrix_family family;
} parts[] = {
    {0, PKS_US_ALL, MATRIX_DATA},  {1, PKS_US_LEAF, MATRIX_USER}, {0, PKS_US_L3, MATRIX_FETCH},
    {2, PKS_US_NONE, MATRIX_MANY}, {1, PKS_US_L4, MATRIX_RING},   {0, PKS_US_LEAF, MATRIX_LOCKED},
    {2, PKS_US_ALL, MATRIX_DATA},  {0, PKS_US_NONE, MATRIX_USER}, {1, PKS_US_ALL, MATRIX_FETCH},
    {0, PKS_US_L2, MATRIX_MANY},   {0, PKS_US_L4, MATRIX_RING},
};
#define PARTS      (sizeof(parts) / sizeof(parts[0]))
#define SHIFT      7u  /* units: two processors with the same slice stand far apart in it */
#define WHOLE      4u  /* slices in all; more processors take parts of them */
#define SHARDS_MAX 32u /* as many as units */

static struct matrix_slice made[MATRIX_CREW_MAX];
static struct matrix_slice *slices[MATRIX_CREW_MAX];

/* A slice for one processor; false if this machine has no such slice. */
static bool make(unsigned number, unsigned leaf, unsigned us, enum matrix_family family)
{
    unsigned count = matrix_crew_size();
    unsigned shards = count <= WHOLE ? 1 : (count + test_effort(WHOLE) - 1) / test_effort(WHOLE);

    slices[number] = &made[number];
    if (matrix_slice_make(slices[number], leaf, us, family))
        return false;
    slices[number]->shards = shards < SHARDS_MAX ? shards : SHARDS_MAX;
    return true;
}

static void run_all(void)
{
    unsigned count = matrix_crew_size();
    struct matrix_tally sum;

    matrix_report_begin();
    matrix_run_slices(slices, count, &sum);
    matrix_report();
    test_note("smp_matrix cpus=%u cases=%lu skipped=%lu", count, sum.cases, matrix_skipped(&sum));
}

SMP_TEST(smp_matrix_slices, "Each processor runs a quick slice of its own while the others run other ones")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    for (unsigned i = 0, n = 0; i < matrix_crew_size(); n = (n + 1) % PARTS)
        if (make(i, parts[n].leaf, parts[n].us, parts[n].family)) {
            slices[i]->first = i * SHIFT;
            slices[i]->shard = 1 + i % slices[i]->shards;
            i++;
        }
    run_all();
}

/* Pages that PKRS is about, and pages that PKRU is about. */
SMP_TEST(smp_matrix_alike, "All processors run the same half of a quick slice at the same time")
{
    static const unsigned us[] = {PKS_US_ALL, PKS_US_NONE};

    SKIP_UNLESS(cpu.pks, "no pks");
    for (unsigned n = 0; n < 2; n++) {
        for (unsigned i = 0; i < matrix_crew_size(); i++) {
            REQUIRE(make(i, 0, us[n], MATRIX_DATA));
            slices[i]->shards *= 2;
        }
        run_all();
    }
}

static uint64_t run_on(unsigned count, struct matrix_tally *sum)
{
    const char *missing = matrix_slice_make(&made[0], 0, PKS_US_ALL, MATRIX_DATA);

    REQUIRE(!missing);
    for (unsigned i = 0; i < count; i++)
        slices[i] = &made[0];
    return matrix_run_slices(slices, count, sum);
}

SMP_TEST(smp_matrix_divided, "A slice has the same cases and failures on all processors as on one")
{
    struct matrix_tally alone, divided;

    SKIP_UNLESS(cpu.pks, "no pks");
    matrix_report_begin();
    run_on(1, &alone);
    run_on(matrix_crew_size(), &divided);
    matrix_report();
    expect_equal(divided.cases, alone.cases, "cases run");
    for (unsigned i = 0; i < PKS_LEGALITIES; i++)
        expect_equal(divided.skipped[i], alone.skipped[i], "cases skipped for reason %u", i);
}
