/*
 * Which combinations a test asks for. Quick: every combination of key, rights, WP and PKS (for the families
 * at other CPLs a quarter of them), each with one row of the side axes and the walks of three more. Full:
 * their whole product. Both are divided into units; see matrix_slice.h.
 */
#include "matrix_worker.h"

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

static void run_if_legal(struct matrix_worker *w, const struct pks_case *cases,
                         const struct matrix_selection *sel)
{
    struct pks_features f = features();
    enum pks_legality legality = pks_case_legal(&cases[0], &f); /* the walk axes need no feature */

    if (legality == PKS_LEGAL) {
        matrix_combination(w, cases, MATRIX_STRIPS, sel);
        if (w->slice->heat)
            matrix_heat_add(&cases[0], &w->tally);
    } else {
        w->tally.skipped[legality] += (uint64_t)MATRIX_STRIPS * innermost(sel);
    }
}

static struct matrix_selection quick_selection(const struct matrix_slice *slice, unsigned row)
{
    struct matrix_selection sel = families[slice->family].sel;

    sel.cpls = pks_quick_cpl(row, sel.cpls);
    return sel;
}

/* Every combination belongs to one row, in each block of 32 to another one. */
static bool row_takes(const struct matrix_slice *slice, unsigned row, unsigned i)
{
    unsigned rows = pks_quick_rows();

    return (i + i / rows * 11) % rows == row && pks_quick_takes(row, i / rows, families[slice->family].thin);
}

/* A unit of the quick matrix is one row. */
static void quick_case(struct pks_case *c, unsigned row, unsigned lane)
{
    pks_quick_row(row, PKS_CONTROL_FIRST, PKS_SIDE_END, c);
    pks_quick_row(row ^ lane * (pks_quick_rows() / MATRIX_STRIPS), PKS_WALK_FIRST, PKS_CONTROL_FIRST, c);
}

static unsigned groups_of_walks(void)
{
    return pks_full_rows(PKS_WALK_FIRST, PKS_CONTROL_FIRST) / MATRIX_STRIPS;
}

/* A unit of the full one is one control row with one group of walks, and what a shard takes or leaves. */
static void full_case(struct pks_case *c, unsigned unit, unsigned lane)
{
    unsigned groups = groups_of_walks();

    pks_full_row(unit / groups, PKS_CONTROL_FIRST, PKS_SIDE_END, c);
    pks_full_row(unit % groups * MATRIX_STRIPS + lane, PKS_WALK_FIRST, PKS_CONTROL_FIRST, c);
}

static unsigned units(const struct matrix_slice *slice)
{
    return slice->full ? pks_full_rows(PKS_CONTROL_FIRST, PKS_SIDE_END) * groups_of_walks()
                       : pks_quick_rows();
}

static bool owns(const struct matrix_slice *slice, unsigned unit)
{
    return pks_shard_owns(unit, slice->shard, slice->shards);
}

static void run_unit(struct matrix_worker *w, unsigned unit, unsigned kernel_key)
{
    const struct matrix_slice *slice = w->slice;
    struct matrix_selection sel = slice->full ? families[slice->family].sel : quick_selection(slice, unit);
    struct pks_case cases[MATRIX_STRIPS];

    for (unsigned i = 0; i < COMBINATIONS; i++) {
        if (!slice->full && !row_takes(slice, unit, i))
            continue;
        for (unsigned lane = 0; lane < MATRIX_STRIPS; lane++) {
            cases[lane] = slice->base;
            put_combination(&cases[lane], i);
            (slice->full ? full_case : quick_case)(&cases[lane], unit, lane);
        }
        if (pks_case_kernel_key(&cases[0]) == kernel_key)
            run_if_legal(w, cases, &sel);
    }
}

void matrix_slice_work(struct matrix_worker *w, unsigned kernel_key)
{
    unsigned *taken = &w->slice->taken[kernel_key];
    unsigned count = units(w->slice);
    unsigned number;

    while ((number = __atomic_fetch_add(taken, 1, __ATOMIC_RELAXED)) < count) {
        unsigned unit = (w->slice->first + number) % count;

        if (owns(w->slice, unit))
            run_unit(w, unit, kernel_key);
        test_alive();
    }
}

uint64_t matrix_slice_product(const struct matrix_slice *slice)
{
    return (uint64_t)pks_full_rows(PKS_WALK_FIRST, PKS_SIDE_END) * COMBINATIONS *
           innermost(&families[slice->family].sel);
}

uint64_t matrix_slice_expected(const struct matrix_slice *slice)
{
    uint64_t sum = 0;

    for (unsigned unit = 0; unit < units(slice); unit++) {
        struct matrix_selection sel = families[slice->family].sel;
        unsigned combinations = 0;

        if (!slice->full)
            sel = quick_selection(slice, unit);
        for (unsigned i = 0; i < COMBINATIONS; i++)
            combinations += slice->full || row_takes(slice, unit, i);
        if (owns(slice, unit))
            sum += (uint64_t)combinations * MATRIX_STRIPS * innermost(&sel);
    }
    return sum;
}

const char *matrix_slice_make(struct matrix_slice *slice, unsigned leaf, unsigned us,
                              enum matrix_family family)
{
    struct pks_features f = features();
    enum pks_legality legality;

    *slice = (struct matrix_slice){.base = pks_case_default(), .family = family, .shard = 1, .shards = 1};
    slice->base.v[PKS_AXIS_paging] = test_levels() == 5;
    slice->base.v[PKS_AXIS_leaf] = (uint8_t)leaf;
    slice->base.v[PKS_AXIS_us] = (uint8_t)us;
    legality = pks_case_legal(&slice->base, &f);
    if (!cpu.pks)
        return "no pks";
    return legality == PKS_LEGAL ? NULL : legality == PKS_NO_LEVEL ? "no such level" : "no 1 GiB pages";
}

bool matrix_single(const struct pks_case *c, struct matrix_sight *seen,
                   void (*look)(const struct matrix_sight *))
{
    struct matrix_selection sel = {.cpls = 1u << c->v[PKS_AXIS_cpl],
                                   .tlbs = 1u << c->v[PKS_AXIS_tlb],
                                   .kinds = 1u << c->v[PKS_AXIS_kind],
                                   .accepted = ONE | MANY};
    struct pks_features f = features();
    struct matrix_worker *w;
    uint64_t before;

    if (pks_case_legal(c, &f) != PKS_LEGAL)
        return false;
    w = matrix_open(LEVEL_4K + c->v[PKS_AXIS_leaf]);
    if (!w)
        return false;
    before = w->tally.cases;
    *seen = matrix_combination(w, c, 1, &sel);
    if (look)
        look(seen);
    matrix_close(w);
    return w->tally.cases != before;
}
