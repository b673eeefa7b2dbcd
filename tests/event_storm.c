/*
 * Events from all sides while threads change their rights at random: the APIC's timer at moments of its own,
 * which lets an NMI follow where it returns to, and takes the processor from a thread or not; single steps
 * through a random number of instructions, an NMI behind the last, which reaches the instructions with
 * interrupts off too. Every handler checks that it starts with the default rights, takes rights of its own,
 * and leaves.
 *
 * Each thread, and each handler that sleeps, has its rights on paper. What a frame holds must be the paper's
 * value, the one that is just being set, or the default of an entry or exit that was itself interrupted;
 * behind every operation register, copy and paper have to agree, and accesses end as the paper says. The
 * operations and the counted steps repeat with the seed, the timer does not.
 */
#include "apic.h"
#include "event_nmi.h"
#include "keyed.h"
#include "rng.h"
#include "schedule.h"

#define KEYS          15u
#define STORM_THREADS 6u
#define EVENTS        500000u /* under each paging mode, of all kinds */
#define TICK_US       100u
#define STEPS         48u /* about an operation */
#define NESTED        4u  /* handlers that sleep, in one thread */

/* A context's rights: what they are, and what the call under way makes of them. */
struct paper {
    uint32_t now, next;
};

static struct {
    struct keyed keyed[KEYS];
    struct paper paper[THREADS_MAX + 1][NESTED]; /* [thread][depth] */
    unsigned depth[THREADS_MAX + 1];
    uint64_t random; /* of the handlers */
    uint64_t timer, nmi, steps, preempted;
    uint64_t limit;
    unsigned countdown; /* steps until the next NMI */
} storm;

static bool fine(void)
{
    return test_verdict() == VERDICT_PASS;
}

static uint64_t events(void)
{
    return storm.timer + storm.nmi + storm.steps;
}

static struct paper *paper_of(const struct thread *thread)
{
    return &storm.paper[thread - threads][storm.depth[thread - threads]];
}

/* Rule 1, and what the frame may hold. */
static void check(const struct trap_frame *frame, const char *event)
{
    const struct paper *paper = paper_of(thread_of(frame));
    uint32_t pkrs = (uint32_t)msr_read(X86_MSR_IA32_PKRS);

    if (pkrs != PKRS_DEFAULT || pks_copy != PKRS_DEFAULT)
        test_fail("%s: its handler starts with 0x%x, copy 0x%x", event, pkrs, pks_copy);
    if (frame->pkrs != paper->now && frame->pkrs != paper->next && frame->pkrs != PKRS_DEFAULT)
        test_fail("%s at 0x%lx: interrupted 0x%lx, on paper 0x%x, next 0x%x", event, frame->rip, frame->pkrs,
                  paper->now, paper->next);
}

static bool take_nmi(struct trap_frame *frame)
{
    storm.nmi++;
    check(frame, "NMI");
    pkrs_write((uint32_t)rng_next(&storm.random) & ~PKR_MASK(0));
    return true;
}

static bool take_step(struct trap_frame *frame)
{
    storm.steps++;
    check(frame, "#DB");
    pkrs_write((uint32_t)rng_next(&storm.random) & ~PKR_MASK(0));
    if (storm.countdown && --storm.countdown)
        return true;
    frame->rflags &= ~(uint64_t)X86_EFLAGS_TF;
    pkrs_write(PKRS_DEFAULT);
    event_nmi_at_return();
    return true;
}

/* Rights of the context that runs. */
static void set(unsigned key, enum pks_rights rights)
{
    struct paper *paper = paper_of(thread_current);

    paper->next = pkr_set(paper->now, key, rights);
    if (pks_mk(key, rights) != PKS_OK)
        test_error("key %u refused", key);
    paper->now = paper->next;
}

static enum pks_rights any_rights(uint64_t random)
{
    static const enum pks_rights rights[] = {PKS_NOACCESS, PKS_READONLY, PKS_READWRITE};

    return rights[random % 3];
}

static void agree(const char *who)
{
    expect_equal(pkrs_read_checked(who), paper_of(thread_current)->now, "PKRS of %s", who);
}

/* A handler that lets others run keeps its own rights meanwhile, on a paper of its own. */
static void sleep_here(void)
{
    unsigned self = (unsigned)(thread_current - threads);
    uint64_t random = rng_next(&storm.random);

    if (storm.depth[self] + 1 == NESTED)
        return;
    storm.paper[self][storm.depth[self] + 1] = (struct paper){PKRS_DEFAULT, PKRS_DEFAULT};
    storm.depth[self]++;
    set(1 + random % KEYS, any_rights(random >> 8));
    storm.preempted++;
    thread_yield();
    agree("a handler that slept");
    storm.depth[self]--;
}

static void take_timer(struct trap_frame *frame)
{
    uint64_t random = rng_next(&storm.random);

    storm.timer++;
    check(frame, "timer");
    if (random % 4 == 0)
        sleep_here();
    if (random >> 8 & 1) {
        pkrs_write(PKRS_DEFAULT);
        event_nmi_at_return();
    }
}

static void step_from_here(unsigned steps)
{
    storm.countdown = steps;
    __asm__ volatile("pushfq; orq %0, (%%rsp); popfq" : : "i"(X86_EFLAGS_TF) : "memory", "cc");
}

/* Others write to the page too: what stands there is not compared. */
static void access(const struct keyed *k, bool write)
{
    uint32_t pkrs = paper_of(thread_current)->now;
    uint32_t rights = pkr_get(pkrs, k->key);
    fault_t denied = write ? FAULT_KEY_WRITE : FAULT_KEY_READ;
    fault_t want = rights & X86_PKR_AD || (write && rights & X86_PKR_WD) ? denied : FAULT_NONE;
    struct outcome got = probe(write ? PROBE_write8 : PROBE_read8, k->va, 1);

    if (got.fault != want || (got.faults && (got.pkrs != pkrs || got.cr2 != k->va)))
        test_fail("%s of key %u: want %s got %s, frame pkrs=%08x, want %08x", write ? "write" : "read",
                  k->key, fault_text(want).s, fault_text(got.fault).s, got.pkrs, pkrs);
}

static void operate(uint64_t random)
{
    const struct keyed *k = &storm.keyed[(random >> 8) % KEYS];
    enum pks_rights before = (enum pks_rights)pkr_get(paper_of(thread_current)->now, k->key);

    if (random >> 16 & 1)
        step_from_here(1 + (unsigned)(random >> 20) % STEPS);
    if (random % 16 < 10) {
        set(k->key, any_rights(random >> 32));
    } else if (random % 16 < 12) {
        set(k->key, PKS_READWRITE);
        access(k, random >> 32 & 1);
        set(k->key, before);
    } else if (random % 16 < 14) {
        access(k, random >> 32 & 1);
    } else {
        thread_yield();
    }
    agree("a thread");
}

static void work(void *seed)
{
    uint64_t random = (uintptr_t)seed;

    *paper_of(thread_current) = (struct paper){PKRS_DEFAULT, PKRS_DEFAULT};
    while (events() < storm.limit && fine()) {
        operate(rng_next(&random));
        test_alive();
    }
}

static void run_threads(void)
{
    struct thread *thread[STORM_THREADS];

    for (unsigned i = 0; i < STORM_THREADS; i++) {
        thread[i] = thread_create("storm", work, (void *)(uintptr_t)(test_seed() + i));
        REQUIRE(thread[i]);
    }
    for (unsigned i = 0; i < STORM_THREADS; i++)
        expect_equal(thread_join(thread[i], NULL), THREAD_RETURNED, "thread %u", i);
}

TEST(event_storm,
     "A million events at random moments, while threads change their rights, leave every right alone")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    SKIP_UNLESS(apic_open(), "no local APIC");
    for (unsigned i = 0; i < KEYS; i++)
        if (!keyed_make(&storm.keyed[i], "storm", i, LEVEL_4K))
            return;
    storm.timer = storm.nmi = storm.steps = storm.preempted = 0;
    storm.random = ~test_seed();
    storm.limit = test_effort(EVENTS);
    trap_set_handler(X86_VEC_NMI, take_nmi);
    trap_set_handler(X86_VEC_DB, take_step);
    apic_set_handler(X86_VEC_TIMER, take_timer);
    *paper_of(thread_current) = (struct paper){PKRS_DEFAULT, PKRS_DEFAULT};
    apic_timer(TICK_US);
    run_threads();
    apic_timer(0);
    apic_set_handler(X86_VEC_TIMER, NULL);
    trap_set_handler(X86_VEC_DB, NULL);
    trap_set_handler(X86_VEC_NMI, NULL);
    test_note("storm seed=0x%lx events=%lu timer=%lu nmi=%lu steps=%lu preempted=%lu", test_seed(), events(),
              storm.timer, storm.nmi, storm.steps, storm.preempted);
    for (unsigned i = 0; i < KEYS; i++)
        keyed_drop(&storm.keyed[i]);
}
