/*
 * The walk through a slice. A combination is one setting of control registers, rights and key; it is set once
 * and then asked of several walks (lanes), every kind of access, cold and warm: what is expensive to change
 * stands outside.
 */
#include "matrix_worker.h"

#define EACH_BIT(i, set, count)                                                                              \
    for (unsigned i = 0; i < (count); i++)                                                                   \
        if ((set) >> i & 1)

static void predict(struct matrix_worker *w, struct lane *lane, unsigned cpl,
                    const struct matrix_selection *sel)
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
            w->tally.skipped[legality] += matrix_bits(sel->tlbs);
    }
}

/* Fills every page of the lanes while the state is turned over in the way the tlb axis says. */
static void fill(struct matrix_worker *w, unsigned count, unsigned cpl, unsigned tlb)
{
    struct pks_state turned;

    w->lanes[0].c.v[PKS_AXIS_tlb] = (uint8_t)tlb;
    pks_case_fill_state(&w->lanes[0].c, &turned);
    matrix_turn(w, &turned);
    for (unsigned i = 0; i < count; i++) {
        EACH_BIT (kind, w->lanes[i].kinds, PKS_KINDS) {
            matrix_fill(w, i, cpl, kind);
            matrix_reset(w, i, kind);
        }
    }
    matrix_turn(w, &w->lanes[0].state);
}

static struct matrix_sight look(struct matrix_worker *w, unsigned i, unsigned cpl, unsigned tlb)
{
    struct matrix_sight last = {0};

    EACH_BIT (kind, w->lanes[i].kinds, PKS_KINDS) {
        last = matrix_look(w, i, cpl, kind, w->lanes[i].want[kind], tlb == PKS_TLB_COLD);
        w->tally.cases++;
        w->tally.of_kind[kind]++;
        w->tally.wrong_of_kind[kind] += last.wrong != NULL;
        if (last.wrong) {
            w->lanes[i].c.v[PKS_AXIS_tlb] = (uint8_t)tlb;
            w->lanes[i].c.v[PKS_AXIS_kind] = (uint8_t)kind;
            matrix_failed(&w->lanes[i].c, &last);
        }
    }
    return last;
}

/* All phases at one CPL: cold first, then warm; nothing is flushed between a change and the access it
 * decides. */
static struct matrix_sight run_at(struct matrix_worker *w, unsigned count, unsigned cpl,
                                  const struct matrix_selection *sel)
{
    struct matrix_sight last = {0};

    for (unsigned i = 0; i < count; i++)
        EACH_BIT (kind, w->lanes[i].kinds, PKS_KINDS)
            matrix_reset(w, i, kind);
    matrix_flush(w);
    EACH_BIT (tlb, sel->tlbs, 3) {
        if (tlb != PKS_TLB_COLD)
            fill(w, count, cpl, tlb);
        for (unsigned i = 0; i < count; i++)
            last = look(w, i, cpl, tlb);
    }
    return last;
}

struct matrix_sight matrix_combination(struct matrix_worker *w, const struct pks_case *cases, unsigned count,
                                       const struct matrix_selection *sel)
{
    struct matrix_sight last = {0};
    bool set = false;

    for (unsigned i = 0; i < count; i++) {
        w->lanes[i].c = cases[i];
        pks_case_state(&w->lanes[i].c, &w->lanes[i].state);
        w->lanes[i].walk = pks_walk_summary(&w->lanes[i].state.layout, w->lanes[i].state.nxe);
    }
    EACH_BIT (cpl, sel->cpls, 4) {
        unsigned kinds = 0;

        for (unsigned i = 0; i < count; i++) {
            predict(w, &w->lanes[i], cpl, sel);
            kinds |= w->lanes[i].kinds;
        }
        if (!kinds)
            continue;
        if (!set) {
            matrix_set_control(w, pks_case_kernel_key(&w->lanes[0].c), &w->lanes[0].state);
            for (unsigned i = 0; i < count; i++)
                matrix_set_walk(w, i, &w->lanes[i].c, &w->lanes[i].state.layout);
            set = true;
        }
        last = run_at(w, count, cpl, sel);
    }
    return last;
}
