/*
 * One access of 2, 4 or 8 bytes to two pages with different keys: both have to allow it. CR2 is the address
 * of the first byte on the page that denies, so the operand's own address when that is the first page and the
 * edge when it is the second (SDM volume 3, "Page-Fault Exception (#PF)": CR2 is loaded with "the linear
 * address that generated the exception"); where both deny, either may be meant. Nothing is written to either
 * page: an instruction that faults has not been executed ("Program or Task Restart").
 */
#include "sweep.h"

#define SIZES 3 /* 2, 4 and 8 bytes */

static const enum probe_kind loads[SIZES] = {PROBE_load2, PROBE_load4, PROBE_load8};
static const enum probe_kind stores[SIZES] = {PROBE_store2, PROBE_store4, PROBE_store8};
static const enum probe_kind adds[SIZES] = {PROBE_rmw_add2, PROBE_rmw_add4, PROBE_rmw_add8};

/* What the instruction does where both pages allow it. */
static void expect_done(struct trial *t, uint64_t va, unsigned bytes)
{
    uint64_t memory = areas_value(t->areas, va, bytes);
    uint64_t sum = memory + t->before.rsi;

    if (t->kind == loads[0]) {
        t->after.rax = (t->before.rax & ~0xffffull) | memory; /* AX alone */
    } else if (t->kind == loads[1] || t->kind == loads[2]) {
        t->after.rax = memory;
    } else if (t->kind == adds[0] || t->kind == adds[1] || t->kind == adds[2]) {
        areas_expect(t->areas, va, &sum, bytes);
        t->flags_open = STATUS_FLAGS;
    } else {
        areas_expect(t->areas, va, &t->before.rsi, bytes);
    }
}

/* `below` of the operand's bytes stand on the first page. */
static void check_split(const struct pair_place *place, const enum probe_kind *kind, unsigned i,
                        unsigned below)
{
    unsigned bytes = 2u << i;
    uint64_t va = place->areas->area[1].va - below;
    struct trial t = trial_make(place->row->about, kind[i], place->areas, place->machine, FAULT_NONE);

    areas_fill(place->areas);
    trial_want_pair(&t, place, va, bytes, kind != loads);
    t.before.rdi = t.after.rdi = va;
    if (t.want == FAULT_NONE)
        expect_done(&t, va, bytes);
    else if (kind != loads)
        pair_dirty_open(place);
    if (kind == adds && place->row->read != NEITHER)
        t.code_open = X86_PF_W; /* A3 */
    trial_run(&t);
}

static void check_splits(const struct pair_place *place, const void *what)
{
    for (unsigned i = 0; i < SIZES; i++)
        for (unsigned below = 1; below < 2u << i; below++)
            check_split(place, what, i, below);
}

TEST(rights_misaligned_read, "A read over two pages needs the rights of both keys")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    sweep_pairs(check_splits, loads);
}

TEST(rights_misaligned_write, "A write over two pages needs the rights of both keys, or writes nothing")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    sweep_pairs(check_splits, stores);
}

TEST(rights_misaligned_rmw, "A read-modify-write over two pages likewise")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    sweep_pairs(check_splits, adds);
}
