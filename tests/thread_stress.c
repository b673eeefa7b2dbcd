/*
 * Sixteen threads and fifteen keys: random opens, closes, nested sections, accesses, yields, sleeps, and a
 * timer that takes the processor away at any instruction. Each thread keeps a PKRS of its own on paper; the
 * oracle predicts every access from it, and at the end of each operation register, copy and paper have to
 * agree. The seed is printed; with preemption the interleaving is not repeatable, the operations of a thread
 * are.
 */
#include "keyed.h"
#include "pks/model.h"
#include "preempt.h"
#include "rng.h"
#include "thread.h"

#define STRESS_THREADS 16u
#define KEYS           15u
#define OPERATIONS     500000u /* under each paging mode */
#define TICK_US        400u

static struct keyed keyed[KEYS];

struct worker {
    struct thread *thread;
    uint64_t random;
    uint32_t paper; /* what PKRS has to be */
    unsigned operations;
    uint64_t accesses, denied;
};

static bool fine(void)
{
    return test_verdict() == VERDICT_PASS;
}

static void set(struct worker *w, unsigned key, uint64_t random)
{
    static const enum pks_rights rights[] = {PKS_NOACCESS, PKS_READONLY, PKS_READWRITE};
    enum pks_rights r = rights[random % 3];

    w->paper = pkr_set(w->paper, key, r);
    if (pks_mk(key, r) != PKS_OK)
        test_error("key %u refused", key);
}

static void access(struct worker *w, const struct keyed *k, bool write)
{
    struct pks_walk walk = {.writable = true, .key = (uint8_t)k->key};
    struct pks_state state = {.wp = true, .nxe = true, .pks = true, .pkrs = w->paper};
    struct pks_access access = {.kind = write ? PKS_WRITE : PKS_READ};
    struct pks_answer want = pks_judge(&state, &walk, &access);
    struct outcome got = probe(write ? PROBE_write8 : PROBE_read8, k->va, w->random);

    w->accesses++;
    w->denied += got.faults;
    if (got.fault != want.fault || (got.faults && (got.pkrs != w->paper || got.cr2 != k->va)))
        test_fail("%s of key %u: want %s got %s, frame pkrs=%08x, want %08x", write ? "write" : "read",
                  k->key, fault_text(want.fault).s, fault_text(got.fault).s, got.pkrs, w->paper);
}

/* Opens a key for a few accesses, perhaps others within, and goes back. */
static void section(struct worker *w, unsigned depth)
{
    const struct keyed *k = &keyed[rng_next(&w->random) % KEYS];
    uint32_t before = w->paper;
    int token = pks_mk_swap(k->key, PKS_READWRITE);

    w->paper = pkr_set(w->paper, k->key, PKS_READWRITE);
    access(w, k, true);
    if (depth)
        section(w, depth - 1);
    if (rng_next(&w->random) % 4 == 0)
        thread_yield();
    access(w, k, false);
    w->paper = pkr_set(w->paper, k->key, pkr_get(before, k->key));
    if (pks_mk_restore(k->key, token) != PKS_OK)
        test_error("token of key %u refused", k->key);
}

static void operate(struct worker *w)
{
    uint64_t random = rng_next(&w->random);
    const struct keyed *k = &keyed[(random >> 8) % KEYS];
    uint64_t choice = random % 64;

    if (choice < 28)
        set(w, k->key, random >> 16);
    else if (choice < 54)
        access(w, k, random >> 16 & 1);
    else if (choice < 60)
        section(w, random >> 16 & 3);
    else if (choice < 63 || random >> 16 & 0xff)
        thread_yield();
    else
        thread_sleep(random >> 24 & 63);
    expect_equal(pkrs_read_checked("behind an operation"), w->paper, "PKRS of %s", thread_current->name);
}

static void work(void *argument)
{
    struct worker *w = argument;

    while (w->operations && fine()) {
        operate(w);
        w->operations--;
        test_alive();
    }
}

static void run_all(struct worker *workers, unsigned operations)
{
    for (unsigned i = 0; i < STRESS_THREADS; i++) {
        workers[i].random = test_seed() + i;
        workers[i].paper = PKRS_DEFAULT;
        workers[i].operations = operations / STRESS_THREADS;
        workers[i].thread = thread_create("stress", work, &workers[i]);
        REQUIRE(workers[i].thread);
    }
    for (unsigned i = 0; i < STRESS_THREADS; i++)
        expect_equal(thread_join(workers[i].thread, NULL), THREAD_RETURNED, "thread %u", i);
}

TEST(thread_stress,
     "Sixteen threads use fifteen keys at random, preempted by a timer, as the oracle predicts")
{
    static struct worker workers[STRESS_THREADS];
    unsigned operations = test_effort(OPERATIONS);
    uint64_t accesses = 0, denied = 0, preempted;

    SKIP_UNLESS(cpu.pks, "no pks");
    for (unsigned i = 0; i < KEYS; i++)
        if (!keyed_make(&keyed[i], "stress", i, LEVEL_4K))
            return;
    preempt_every(TICK_US);
    for (unsigned i = 0; i < STRESS_THREADS; i++)
        workers[i] = (struct worker){0};
    run_all(workers, operations);
    preempted = preempt_count();
    preempt_every(0);
    for (unsigned i = 0; i < STRESS_THREADS; i++) {
        accesses += workers[i].accesses;
        denied += workers[i].denied;
    }
    test_note("stress operations=%u accesses=%lu denied=%lu preempted=%lu", operations, accesses, denied,
              preempted);
    for (unsigned i = 0; i < KEYS; i++)
        keyed_drop(&keyed[i]);
}
