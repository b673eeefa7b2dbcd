/*
 * A PKRS write orders like WRPKRU: not serializing, but memory accesses that the register affects do not
 * execute, even transiently, before it has (SDM volume 2, "WRMSR"; volume 3, "Protection Keys"). What follows
 * architecturally is tested here: the very next instruction obeys the new value, with no fence between,
 * however often and however fast the value alternates. Probes compare the whole outcome of each access; loops
 * in assembly (tests/order.asm) leave nothing but the two writes and the two accesses in a round.
 */
#include "rng.h"
#include "tlb.h"

#define KEY    8
#define SLOT   11
#define ROUNDS 2000
#define BREATH 50000 /* rounds between two signs of life */

static uint64_t random_state;

/* Any rights of the other keys, with the kernel's open. */
static uint32_t value_with(uint32_t of_key)
{
    return pkr_set(pkr_set((uint32_t)rng_next(&random_state), KEY, of_key), 0, OPEN);
}

/* Alternates between a value that denies and one that allows; the odd ones allow. */
static void check_probes(const struct target *t, unsigned rounds, enum access access)
{
    static const uint32_t denying[] = {AD, AD | WD, WD};
    enum probe_kind kind = access == ACCESS_READ ? PROBE_pkrs_read8 : PROBE_pkrs_write8;
    unsigned kinds = access == ACCESS_READ ? 2 : 3; /* WD denies writes only */

    *t->alias = ACCESS_PATTERN;
    for (unsigned i = 0; i < rounds && test_verdict() == VERDICT_PASS; i++) {
        uint32_t of_key = i % 2 ? OPEN : denying[i / 2 % kinds];
        uint64_t value = (uint64_t)(i + 1) << 32 | value_with(of_key);
        fault_t want = denial(of_key, access);
        uint64_t before = *t->alias;
        struct outcome o = probe(kind, t->va, value);

        expect_outcome(&o, kind, want, t->va, "%u, right behind WRMSR of %08x", i, (uint32_t)value);
        if (want != FAULT_NONE)
            expect_equal(o.pkrs, (uint32_t)value, "PKRS in the frame, access %u", i);
        else if (access == ACCESS_READ)
            expect_equal(o.value, before, "value read by access %u", i);
        expect_equal(*t->alias, access == ACCESS_WRITE && want == FAULT_NONE ? value : before,
                     "memory behind access %u", i);
    }
    msr_write(X86_MSR_IA32_PKRS, pks_default);
}

typedef uint64_t order_function(uint64_t va, uint32_t open, uint32_t denied, uint64_t rounds,
                                volatile uint64_t *alias);

order_function order_reads, order_writes;
extern const char order_reads_open[], order_reads_open_next[], order_reads_denied[],
    order_reads_denied_next[];
extern const char order_writes_open[], order_writes_open_next[], order_writes_denied[],
    order_writes_denied_next[];

/* A loop, where it may fault, and how often it did. */
static struct loop {
    order_function *function;
    const char *open, *open_next, *denied, *denied_next;
    uint64_t va;
    fault_t want;
    uint64_t at_open, at_denied, strange;
} loop;

static const struct loop reads = {
    .function = order_reads,
    .open = order_reads_open,
    .open_next = order_reads_open_next,
    .denied = order_reads_denied,
    .denied_next = order_reads_denied_next,
    .want = PF_READ,
};

static const struct loop writes = {
    .function = order_writes,
    .open = order_writes_open,
    .open_next = order_writes_open_next,
    .denied = order_writes_denied,
    .denied_next = order_writes_denied_next,
    .want = PF_WRITE,
};

static bool handle_by_going_on(struct trap_frame *frame)
{
    bool open = frame->rip == (uintptr_t)loop.open;

    if (!open && frame->rip != (uintptr_t)loop.denied)
        return false;
    frame->rip = (uintptr_t)(open ? loop.open_next : loop.denied_next);
    loop.at_open += open;
    loop.at_denied += !open;
    loop.strange += trap_fault(frame) != loop.want || frame->cr2 != loop.va;
    return true;
}

static void check_loop(const struct target *t, unsigned rounds, const struct loop *which, uint32_t of_key)
{
    uint64_t wrong;

    loop = *which;
    loop.va = t->va;
    trap_set_handler(X86_VEC_PF, handle_by_going_on);
    wrong = loop.function(t->va, value_with(OPEN), value_with(of_key), rounds, t->alias);
    trap_set_handler(X86_VEC_PF, NULL);
    msr_write(X86_MSR_IA32_PKRS, pks_default);
    expect_equal(loop.at_open, 0, "faults right behind a WRMSR that opens");
    expect_equal(loop.at_denied, rounds, "faults right behind a WRMSR that denies");
    expect_equal(loop.strange, 0, "faults with another code or address");
    expect_equal(wrong, 0, "values read or written wrongly");
}

static void each_page(void (*check)(const struct target *, unsigned rounds))
{
    SKIP_UNLESS(cpu.pks, "no pks");
    random_state = test_seed();
    for (unsigned level = LEVEL_4K; level <= LEVEL_1G && target_level_exists(level); level++) {
        enum window_half half = level % 2 ? WINDOW_LOW : WINDOW_HIGH;
        struct target t;

        if (!target_map(&t, level, half, SLOT, target_page(KEY)))
            return;
        for (unsigned left = test_effort(ROUNDS); left;) {
            unsigned rounds = left < BREATH ? left : BREATH;

            check(&t, rounds);
            left -= rounds;
            if (left)
                test_note("alive");
        }
        page_unmap(space_current(), t.va);
    }
}

static void probe_reads(const struct target *t, unsigned rounds)
{
    check_probes(t, rounds, ACCESS_READ);
}

static void probe_writes(const struct target *t, unsigned rounds)
{
    check_probes(t, rounds, ACCESS_WRITE);
}

static void loop_reads(const struct target *t, unsigned rounds)
{
    check_loop(t, rounds, &reads, AD);
}

static void loop_writes(const struct target *t, unsigned rounds)
{
    check_loop(t, rounds, &writes, WD);
    check_loop(t, rounds, &writes, AD);
}

TEST(tlb_next_read, "The read right behind a WRMSR to PKRS obeys it, thousands of times")
{
    each_page(probe_reads);
}

TEST(tlb_next_write, "The write right behind a WRMSR to PKRS obeys it, thousands of times")
{
    each_page(probe_writes);
}

TEST(tlb_next_read_loop, "Reads behind PKRS writes that alternate in a loop with nothing else")
{
    each_page(loop_reads);
}

TEST(tlb_next_write_loop, "Writes behind PKRS writes that alternate in a loop with nothing else")
{
    each_page(loop_writes);
}
