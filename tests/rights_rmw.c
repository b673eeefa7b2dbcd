/*
 * Read-modify-write instructions: one instruction, a read and a write of the same bytes. AD denies the read,
 * WD with CR0.WP = 1 denies the write although the read would be allowed, and an instruction that faults has
 * changed nothing: neither memory nor the register it exchanges or compares, nor the flags (SDM volume 3,
 * "Protection Keys" and "Program or Task Restart").
 *
 * Under AD the W bit of the error code depends on whether the processor announces the read as the beginning
 * of a write ("Page-Fault Exceptions" does not say): open point A3 for the unlocked ones. A locked operation
 * is one access, and a write ("Locked Atomic Operations"); XCHG with memory is always locked. That rule has a
 * test of its own, so that a machine which is wrong about it still shows what it knows of the others.
 * CMPXCHG is a write even if the comparison fails: "the destination operand receives a write cycle without
 * regard to the result of the comparison" (volume 2, "CMPXCHG").
 */
#include "sweep.h"

enum operation { ADD, XADD, XCHG, CMPXCHG_EQUAL, CMPXCHG_DIFFERENT };

struct rmw {
    const char *name;
    enum operation operation;
    bool locked;
    enum probe_kind kind[4]; /* by size */
};

#define KINDS(name)                                                                                          \
    {                                                                                                        \
        PROBE_##name##1, PROBE_##name##2, PROBE_##name##4, PROBE_##name##8                                   \
    }

static const struct rmw rmw_add = {"add", ADD, false, KINDS(rmw_add)};
static const struct rmw rmw_lock_add = {"lock_add", ADD, true, KINDS(rmw_lock_add)};
static const struct rmw rmw_xadd = {"xadd", XADD, false, KINDS(rmw_xadd)};
static const struct rmw rmw_lock_xadd = {"lock_xadd", XADD, true, KINDS(rmw_lock_xadd)};
static const struct rmw rmw_xchg = {"xchg", XCHG, true, KINDS(rmw_xchg)};
static const struct rmw rmw_cmpxchg = {"cmpxchg_equal", CMPXCHG_EQUAL, false, KINDS(rmw_cmpxchg)};
static const struct rmw rmw_lock_cmpxchg = {"lock_cmpxchg_equal", CMPXCHG_EQUAL, true,
                                            KINDS(rmw_lock_cmpxchg)};
static const struct rmw rmw_cmpxchg_fail = {"cmpxchg_different", CMPXCHG_DIFFERENT, false,
                                            KINDS(rmw_cmpxchg)};
static const struct rmw rmw_lock_cmpxchg_fail = {"lock_cmpxchg_different", CMPXCHG_DIFFERENT, true,
                                                 KINDS(rmw_lock_cmpxchg)};

#define OFFSET 0x240u

/* Denials under AD seen by a test: with W set, and all. */
static unsigned with_w, denied_by_ad;

static uint64_t low(uint64_t value, unsigned bytes)
{
    return bytes == 8 ? value : value & ((1ull << 8 * bytes) - 1);
}

/* A register after its low `bytes` are written: 4 bytes clear the rest, 1 and 2 leave it. */
static uint64_t written(uint64_t old, uint64_t value, unsigned bytes)
{
    return bytes >= 4 ? low(value, bytes) : (old ^ low(old, bytes)) | low(value, bytes);
}

/* What the instruction does where it is allowed: volume 2, "ADD", "XADD", "XCHG", "CMPXCHG". */
static uint64_t apply(enum operation operation, struct trial *t, uint64_t memory, unsigned bytes)
{
    uint64_t source = t->before.rsi;

    switch (operation) {
    case ADD:
        t->flags_open = STATUS_FLAGS;
        return memory + source;
    case XADD:
        t->flags_open = STATUS_FLAGS;
        t->after.rsi = written(source, memory, bytes);
        return memory + source;
    case XCHG:
        t->after.rsi = written(source, memory, bytes);
        return source;
    case CMPXCHG_EQUAL:
        t->flags_open = STATUS_FLAGS ^ X86_EFLAGS_ZF;
        return source;
    case CMPXCHG_DIFFERENT:
        t->flags_open = STATUS_FLAGS ^ X86_EFLAGS_ZF;
        t->after.rflags &= ~(uint64_t)X86_EFLAGS_ZF;
        t->after.rax = written(t->before.rax, memory, bytes);
        return memory;
    }
    return 0;
}

static void check_size(const struct page_place *place, const struct rmw *rmw, unsigned i, bool strict)
{
    unsigned bytes = 1u << i;
    struct area *area = &place->areas->area[0];
    uint64_t va = area->va + OFFSET;
    struct trial t =
        trial_make(place->row->about, rmw->kind[i], place->areas, place->machine, place->row->write);
    uint64_t memory = areas_value(place->areas, va, bytes);
    bool by_ad = place->row->rights & X86_PKR_AD;
    struct outcome o;

    if (strict && !by_ad)
        return;
    areas_fill(place->areas);
    t.before.rdi = t.after.rdi = t.cr2 = va;
    t.before.rax = t.after.rax = rmw->operation == CMPXCHG_EQUAL ? memory : ~memory;
    if (t.want == FAULT_NONE) {
        uint64_t result = apply(rmw->operation, &t, memory, bytes);

        areas_expect(place->areas, va, &result, bytes);
        area->dirty_open = rmw->operation == CMPXCHG_DIFFERENT;
    }
    if (by_ad && !strict)
        t.code_open = X86_PF_W; /* A3, or rights_rmw_locked_w */
    o = trial_run(&t);
    if (by_ad && o.fault != FAULT_NONE) {
        denied_by_ad++;
        with_w += !!(fault_code(o.fault) & X86_PF_W);
    }
}

static void check_rmw(const struct page_place *place, const void *what)
{
    for (unsigned i = 0; i < 4; i++)
        check_size(place, what, i, false);
}

static void check_locked_w(const struct page_place *place, const void *what)
{
    for (unsigned i = 0; i < 4; i++)
        check_size(place, what, i, true);
}

static void sweep_rmw(const struct rmw *rmw)
{
    SKIP_UNLESS(cpu.pks, "no pks");
    with_w = denied_by_ad = 0;
    sweep_pages(check_rmw, rmw);
    if (!rmw->locked)
        test_note("observe id=A3 insn=%s w_set=%u of=%u", rmw->name, with_w, denied_by_ad);
}

TEST(rights_rmw_add, "ADD to memory obeys AD and WD and leaves all as it was when denied")
{
    sweep_rmw(&rmw_add);
}

TEST(rights_rmw_lock_add, "LOCK ADD likewise")
{
    sweep_rmw(&rmw_lock_add);
}

TEST(rights_rmw_xadd, "XADD likewise, and its register keeps its value when denied")
{
    sweep_rmw(&rmw_xadd);
}

TEST(rights_rmw_lock_xadd, "LOCK XADD likewise")
{
    sweep_rmw(&rmw_lock_xadd);
}

TEST(rights_rmw_xchg, "XCHG with memory, which is always locked, likewise")
{
    sweep_rmw(&rmw_xchg);
}

TEST(rights_rmw_cmpxchg, "CMPXCHG that succeeds obeys AD and WD")
{
    sweep_rmw(&rmw_cmpxchg);
}

TEST(rights_rmw_lock_cmpxchg, "LOCK CMPXCHG that succeeds likewise")
{
    sweep_rmw(&rmw_lock_cmpxchg);
}

TEST(rights_rmw_cmpxchg_fail, "CMPXCHG whose comparison fails is a write all the same: WD denies it")
{
    sweep_rmw(&rmw_cmpxchg_fail);
}

TEST(rights_rmw_lock_cmpxchg_fail, "LOCK CMPXCHG whose comparison fails likewise")
{
    sweep_rmw(&rmw_lock_cmpxchg_fail);
}

TEST(rights_rmw_locked_w, "A locked read-modify-write that AD denies is a write: W is set in the error code")
{
    static const struct rmw *const locked[] = {&rmw_lock_add, &rmw_lock_xadd, &rmw_xchg, &rmw_lock_cmpxchg,
                                               &rmw_lock_cmpxchg_fail};

    SKIP_UNLESS(cpu.pks, "no pks");
    for (unsigned i = 0; i < sizeof(locked) / sizeof(locked[0]); i++)
        sweep_pages(check_locked_w, locked[i]);
}
