/*
 * Which combinations a test asks for. Quick: every combination of key, rights, WP and PKS (for the families
 * at other CPLs a quarter of them), each with one row of the side axes and the walks of three more. Full:
 * their whole product.
 */
#include "matrix_slice.h"
#include "time.h"

#define ONE     (1u << PKS_LEGAL)
#define MANY    (1u << PKS_MANY_CAUSES)
#define TLBS    7u
#define ALL     0xfu /* CPLs */
#define LOCKED  (1u << PKS_KIND_LOCKED8)
#define FETCH   (1u << PKS_KIND_FETCH)
#define GENERAL (((1u << PKS_KINDS) - 1) & ~LOCKED)

static const struct family {
    struct matrix_selection sel;
    unsigned thin; /* the quick matrix takes one combination of this many */
} families[] = {
    [MATRIX_DATA] = {{.cpls = 1, .tlbs = TLBS, .kinds = GENERAL & ~FETCH, .accepted = ONE}, 1},
    [MATRIX_FETCH] = {{.cpls = 1, .tlbs = TLBS, .kinds = FETCH, .accepted = ONE}, 1},
    [MATRIX_RING] = {{.cpls = 2 | 4, .tlbs = TLBS, .kinds = GENERAL, .accepted = ONE}, 4},
    [MATRIX_USER] = {{.cpls = 8, .tlbs = TLBS, .kinds = GENERAL, .accepted = ONE}, 4},
    [MATRIX_LOCKED] = {{.cpls = ALL, .tlbs = TLBS, .kinds = LOCKED, .accepted = ONE | MANY}, 1},
    [MATRIX_MANY] = {{.cpls = ALL, .tlbs = TLBS, .kinds = GENERAL, .accepted = MANY}, 4},
};

#define COMBINATIONS 256u /* key, rights, WP, PKS */
#define QUICK_LANES  8u

/* Combinations in an order that changes control registers least often. */
static void put_combination(struct pks_case *c, unsigned i)
{
    c->v[PKS_AXIS_rights] = i % 4;
    c->v[PKS_AXIS_key] = i / 4 % X86_PKEYS;
    c->v[PKS_AXIS_wp] = i / 64 % 2;
    c->v[PKS_AXIS_pks] = (uint8_t)(i / 128 % 2);
}

static struct pks_features features(void)
{
    return (struct pks_features){.pks = cpu.pks,
                                 .pku = cpu.pku,
                                 .la57 = cpu.la57,
                                 .smep = cpu.smep,
                                 .smap = cpu.smap,
                                 .page_1g = cpu.page_1g};
}

/* Cases of one combination on one walk. */
static unsigned innermost(const struct matrix_selection *sel)
{
    return matrix_bits(sel->cpls) * matrix_bits(sel->tlbs) * matrix_bits(sel->kinds);
}

/* Cases of the whole slice, the illegal ones included. */
static uint64_t product(const struct matrix_selection *sel)
{
    return (uint64_t)pks_full_rows(PKS_WALK_FIRST, PKS_SIDE_END) * COMBINATIONS * innermost(sel);
}

static void run_if_legal(const struct pks_case *cases, unsigned count, const struct matrix_selection *sel)
{
    struct pks_features f = features();
    enum pks_legality legality = pks_case_legal(&cases[0], &f); /* the walk axes need no feature */

    if (legality == PKS_LEGAL) {
        matrix_combination(cases, count, sel);
        matrix_heat_add(&cases[0], &matrix_tally);
    } else {
        matrix_tally.skipped[legality] += (uint64_t)count * innermost(sel);
    }
}

static void run_quick(const struct pks_case *base, const struct family *family)
{
    unsigned rows = pks_quick_rows();
    struct pks_case cases[QUICK_LANES];

    for (unsigned row = 0; row < rows; row++) {
        struct matrix_selection sel = family->sel;

        sel.cpls = pks_quick_cpl(row, sel.cpls);
        for (unsigned i = 0; i < COMBINATIONS; i++) {
            /* every combination belongs to one row, in each block of 32 to another one */
            if ((i + i / rows * 11) % rows != row || !pks_quick_takes(row, i / rows, family->thin))
                continue;
            for (unsigned lane = 0; lane < QUICK_LANES; lane++) {
                cases[lane] = *base;
                put_combination(&cases[lane], i);
                pks_quick_row(row, PKS_CONTROL_FIRST, PKS_SIDE_END, &cases[lane]);
                pks_quick_row(row ^ lane * (rows / QUICK_LANES), PKS_WALK_FIRST, PKS_CONTROL_FIRST,
                              &cases[lane]);
            }
            run_if_legal(cases, QUICK_LANES, &sel);
        }
        test_alive();
    }
}

/* A unit is one control row with one group of walks: what a shard takes or leaves. */
static void run_full(const struct pks_case *base, const struct family *family)
{
    const struct args *args = test_args();
    unsigned walks = pks_full_rows(PKS_WALK_FIRST, PKS_CONTROL_FIRST);
    unsigned groups = walks / MATRIX_STRIPS;
    unsigned units = pks_full_rows(PKS_CONTROL_FIRST, PKS_SIDE_END) * groups;
    struct pks_case cases[MATRIX_STRIPS];

    REQUIRE(walks % MATRIX_STRIPS == 0);
    for (unsigned unit = 0; unit < units; unit++) {
        if (!pks_shard_owns(unit, args->shard, args->shards))
            continue;
        for (unsigned i = 0; i < COMBINATIONS; i++) {
            for (unsigned lane = 0; lane < MATRIX_STRIPS; lane++) {
                cases[lane] = *base;
                put_combination(&cases[lane], i);
                pks_full_row(unit / groups, PKS_CONTROL_FIRST, PKS_SIDE_END, &cases[lane]);
                pks_full_row(unit % groups * MATRIX_STRIPS + lane, PKS_WALK_FIRST, PKS_CONTROL_FIRST,
                             &cases[lane]);
            }
            run_if_legal(cases, MATRIX_STRIPS, &family->sel);
        }
        test_alive();
    }
}

bool matrix_single(const struct pks_case *c, struct matrix_sight *seen)
{
    struct matrix_selection sel = {.cpls = 1u << c->v[PKS_AXIS_cpl],
                                   .tlbs = 1u << c->v[PKS_AXIS_tlb],
                                   .kinds = 1u << c->v[PKS_AXIS_kind],
                                   .accepted = ONE | MANY};
    struct pks_features f = features();
    uint64_t before = matrix_tally.cases;

    if (pks_case_legal(c, &f) != PKS_LEGAL || !matrix_open(LEVEL_4K + c->v[PKS_AXIS_leaf]))
        return false;
    *seen = matrix_combination(c, 1, &sel);
    matrix_close();
    return matrix_tally.cases != before;
}

void matrix_run(unsigned leaf, unsigned us, enum matrix_family family)
{
    struct pks_case base = pks_case_default();
    struct pks_features f = features();
    uint64_t start = time_us();
    uint64_t skipped = 0;

    base.v[PKS_AXIS_paging] = test_levels() == 5;
    base.v[PKS_AXIS_leaf] = (uint8_t)leaf;
    base.v[PKS_AXIS_us] = (uint8_t)us;
    SKIP_UNLESS(cpu.pks, "no pks");
    SKIP_UNLESS(pks_case_legal(&base, &f) != PKS_NO_LEVEL, "no such level");
    SKIP_UNLESS(pks_case_legal(&base, &f) == PKS_LEGAL, "no 1 GiB pages");
    if (!matrix_open(LEVEL_4K + leaf))
        return;
    matrix_tally = (struct matrix_tally){0};
    if (test_args()->matrix_full)
        run_full(&base, &families[family]);
    else
        run_quick(&base, &families[family]);
    matrix_close();
    for (unsigned i = 0; i < PKS_LEGALITIES; i++)
        skipped += matrix_tally.skipped[i];
    test_note("matrix cases=%lu skipped=%lu us=%lu product=%lu no_level=%lu no_feature=%lu open_point=%lu "
              "many_causes=%lu one_cause=%lu",
              matrix_tally.cases, skipped, time_us() - start, product(&families[family].sel),
              matrix_tally.skipped[PKS_NO_LEVEL], matrix_tally.skipped[PKS_NO_FEATURE],
              matrix_tally.skipped[PKS_OPEN_POINT], matrix_tally.skipped[PKS_MANY_CAUSES],
              matrix_tally.skipped[PKS_LEGAL]);
    matrix_report();
}
