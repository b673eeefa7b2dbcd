/*
 * The walk through a slice. A combination is one setting of control registers, rights and key; it is set once
 * and then asked of several walks (lanes), every kind of access, cold and warm: what is expensive to change
 * stands outside.
 */
#include "matrix.h"
#include "matrix_slice.h"

/* A walk under test: its case (all axes but tlb, cpl and kind), and what the oracle says for one CPL. */
struct lane {
    struct pks_case c;
    struct pks_state state;
    struct pks_walk walk;
    unsigned kinds; /* to be run */
    fault_t want[PKS_KINDS];
};

static struct lane lanes[MATRIX_STRIPS];

struct matrix_tally matrix_tally;

#define EACH_BIT(i, set, count)                                                                              \
    for (unsigned i = 0; i < (count); i++)                                                                   \
        if ((set) >> i & 1)

static void predict(struct lane *lane, unsigned cpl, const struct matrix_selection *sel)
{
    struct pks_answer answer = {0};
    enum pks_kind asked = PKS_FLUSH; /* none: the matrix has no such access */
    bool locked = false;

    lane->kinds = 0;
    lane->c.v[PKS_AXIS_cpl] = (uint8_t)cpl;
    EACH_BIT (kind, sel->kinds, PKS_KINDS) {
        struct pks_access access;
        enum pks_legality legality;

        lane->c.v[PKS_AXIS_kind] = (uint8_t)kind;
        access = pks_case_access(&lane->c);
        if (access.kind != asked || access.locked != locked) /* the width of an access makes no difference */
            answer = pks_judge(&lane->state, &lane->walk, &access);
        asked = access.kind;
        locked = access.locked;
        legality = pks_answer_legal(&answer);
        lane->want[kind] = answer.fault;
        if (sel->accepted >> legality & 1)
            lane->kinds |= 1u << kind;
        else
            matrix_tally.skipped[legality] += matrix_bits(sel->tlbs);
    }
}

/* Fills every page of the lanes while the state is turned over in the way the tlb axis says. */
static void fill(unsigned count, unsigned cpl, unsigned tlb)
{
    struct pks_state turned;

    lanes[0].c.v[PKS_AXIS_tlb] = (uint8_t)tlb;
    pks_case_fill_state(&lanes[0].c, &turned);
    matrix_turn(&turned);
    for (unsigned i = 0; i < count; i++) {
        EACH_BIT (kind, lanes[i].kinds, PKS_KINDS) {
            matrix_fill(i, cpl, kind);
            matrix_reset(i, kind);
        }
    }
    matrix_turn(&lanes[0].state);
}

static struct matrix_sight look(unsigned i, unsigned cpl, unsigned tlb)
{
    struct matrix_sight last = {0};

    EACH_BIT (kind, lanes[i].kinds, PKS_KINDS) {
        last = matrix_look(i, cpl, kind, lanes[i].want[kind], tlb == PKS_TLB_COLD);
        matrix_tally.cases++;
        matrix_tally.of_kind[kind]++;
        matrix_tally.wrong_of_kind[kind] += last.wrong != NULL;
        if (last.wrong) {
            lanes[i].c.v[PKS_AXIS_tlb] = (uint8_t)tlb;
            lanes[i].c.v[PKS_AXIS_kind] = (uint8_t)kind;
            matrix_failed(&lanes[i].c, &last);
        }
    }
    return last;
}

/* All phases at one CPL: cold first, then warm; nothing is flushed between a change and the access it
 * decides. */
static struct matrix_sight run_at(unsigned count, unsigned cpl, const struct matrix_selection *sel)
{
    struct matrix_sight last = {0};

    for (unsigned i = 0; i < count; i++)
        EACH_BIT (kind, lanes[i].kinds, PKS_KINDS)
            matrix_reset(i, kind);
    matrix_flush();
    EACH_BIT (tlb, sel->tlbs, 3) {
        if (tlb != PKS_TLB_COLD)
            fill(count, cpl, tlb);
        for (unsigned i = 0; i < count; i++)
            last = look(i, cpl, tlb);
    }
    return last;
}

struct matrix_sight matrix_combination(const struct pks_case *cases, unsigned count,
                                       const struct matrix_selection *sel)
{
    struct matrix_sight last = {0};
    bool set = false;

    for (unsigned i = 0; i < count; i++) {
        lanes[i].c = cases[i];
        pks_case_state(&lanes[i].c, &lanes[i].state);
        lanes[i].walk = pks_walk_summary(&lanes[i].state.layout, lanes[i].state.nxe);
    }
    EACH_BIT (cpl, sel->cpls, 4) {
        unsigned kinds = 0;

        for (unsigned i = 0; i < count; i++) {
            predict(&lanes[i], cpl, sel);
            kinds |= lanes[i].kinds;
        }
        if (!kinds)
            continue;
        if (!set) {
            matrix_set_control(pks_case_kernel_key(&lanes[0].c), &lanes[0].state);
            for (unsigned i = 0; i < count; i++)
                matrix_set_walk(i, &lanes[i].c, &lanes[i].state.layout);
            set = true;
        }
        last = run_at(count, cpl, sel);
    }
    return last;
}
