/*
 * Handlers in handlers. Every level loads rights of its own, is interrupted by the next one, and finds them
 * again when that has returned: the rights are kept in each frame, so no level can know another one's. The
 * events take turns at the levels.
 */
#include "apic.h"
#include "keyed.h"
#include "rng.h"
#include "step.h"

#define LEVELS 8u
#define ROUNDS 32u

extern const char event_nest_break[];

static struct {
    uint32_t rights[LEVELS + 1]; /* of the thread, then of each level */
    unsigned level;              /* of the handler that runs; 0: none */
    unsigned rotation;           /* which event is raised first */
    bool raising;                /* an event is expected now */
    unsigned returned[LEVELS], returns;
    struct keyed keyed;
} nest;

static bool descend(struct trap_frame *frame);

static void on_apic(struct trap_frame *frame)
{
    descend(frame);
}

/* Each of the faults is an instruction of two bytes. */
static void raise_int(void)
{
    __asm__ volatile("int %0" : : "i"(X86_VEC_EVENT_START) : "memory");
}

static void raise_ud(void)
{
    __asm__ volatile("ud2" : : : "memory");
}

static void raise_bp(void)
{
    __asm__ volatile("int3" : : : "memory");
}

static void raise_de(void)
{
    __asm__ volatile("divl %%ecx" : : "a"(1), "d"(0), "c"(0) : "memory", "cc");
}

static void raise_pf(void)
{
    uint32_t value = 0;

    pkrs_write(pkr_set(pks_copy, nest.keyed.key, X86_PKR_AD));
    nest.rights[nest.level] = pks_copy;
    __asm__ volatile("movb (%1), %b0" : "+a"(value) : "c"(nest.keyed.va) : "memory");
}

static void raise_db(void)
{
    step_break((uintptr_t)event_nest_break);
    __asm__ volatile("event_nest_break: xchgw %%ax, %%ax" : : : "memory");
}

static void raise_self(void)
{
    apic_send_self(X86_VEC_SELF);
    irq_enable();
    __asm__ volatile("nop" : : : "memory");
    irq_disable();
}

static const struct raiser {
    unsigned vector;
    bool fault;
    void (*raise)(void);
} raisers[LEVELS] = {
    {X86_VEC_EVENT_START, false, raise_int},
    {X86_VEC_UD, true, raise_ud},
    {X86_VEC_NMI, false, apic_send_self_nmi},
    {X86_VEC_PF, true, raise_pf},
    {X86_VEC_SELF, false, raise_self},
    {X86_VEC_DB, true, raise_db},
    {X86_VEC_DE, true, raise_de},
    {X86_VEC_BP, false, raise_bp},
};

static const struct raiser *raiser_of(unsigned level)
{
    return &raisers[(level + nest.rotation) % LEVELS];
}

static void check_rights(const char *when)
{
    uint32_t want = nest.rights[nest.level];

    expect_equal(pkrs_read_checked(when), want, "PKRS at level %u, %s", nest.level, when);
    keyed_expect(&nest.keyed,
                 (enum pks_rights)pkr_get(want, nest.keyed.key) == PKS_READONLY ? PKS_READONLY
                 : pkr_get(want, nest.keyed.key)                                ? PKS_NOACCESS
                                                                                : PKS_READWRITE,
                 when);
}

/* In the current level: its rights, the next level, its rights again. */
static void visit(uint32_t rights)
{
    unsigned level = nest.level;

    nest.rights[level] = rights;
    pkrs_write(rights);
    check_rights("before the next event");
    if (level == LEVELS)
        return;
    nest.raising = true;
    raiser_of(level)->raise();
    expect_equal(nest.raising, false, "level %u was interrupted", level);
    expect_equal(nest.level, level, "level after the next event");
    check_rights("after the next event");
}

static bool descend(struct trap_frame *frame)
{
    static uint64_t random;
    const struct raiser *raiser = raiser_of(nest.level);

    if (!nest.raising)
        return false;
    nest.raising = false;
    if (raiser->vector == X86_VEC_DB)
        step_break_end();
    expect_equal(frame->vector, raiser->vector, "vector at level %u", nest.level);
    expect_equal(frame->pkrs, nest.rights[nest.level], "PKRS in the frame, level %u", nest.level);
    expect_equal(pkrs_read_checked("entry"), pks_default, "PKRS at entry, level %u", nest.level + 1);
    nest.level++;
    random += test_seed();
    visit(pkr_set((uint32_t)rng_next(&random), 0, 0));
    nest.returned[nest.returns++] = nest.level--;
    if (raiser->fault)
        frame->rip += 2;
    return true;
}

static void take(bool on)
{
    for (unsigned i = 0; i < LEVELS; i++)
        if (raisers[i].vector != X86_VEC_SELF)
            trap_set_handler(raisers[i].vector, on ? descend : NULL);
    apic_set_handler(X86_VEC_SELF, on ? on_apic : NULL);
}

TEST(event_nest_eight, "Eight events nested, each level with rights of its own, in every rotation")
{
    uint64_t random = test_seed();

    SKIP_UNLESS(cpu.pks, "no pks");
    SKIP_UNLESS(apic_open(), "no apic");
    if (!keyed_make(&nest.keyed, "nest", 0, LEVEL_4K))
        return;
    take(true);
    for (unsigned round = 0; round < test_effort(ROUNDS) + LEVELS; round++) {
        nest.rotation = round;
        nest.level = nest.returns = 0;
        visit(pkr_set((uint32_t)rng_next(&random), 0, 0));
        expect_equal(nest.returns, LEVELS, "levels that returned");
        for (unsigned i = 0; i < nest.returns; i++)
            expect_equal(nest.returned[i], LEVELS - i, "return %u", i);
    }
    take(false);
    pkrs_write(pks_default);
    keyed_drop(&nest.keyed);
}
