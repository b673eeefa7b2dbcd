/* tests/stress.h; its threads keep their rights on paper. */

#include "stress.h"

#include "apic.h"
#include "keyed.h"
#include "pks/model.h"
#include "preempt.h"
#include "rng.h"
#include "smp.h"
#include "thread.h"
#include "time.h"

#define KEYS    15u
#define TICK_US 400u

/*
 * From how many operations on it is no chance that a kind of them did not come up. The rarest is a move to
 * another one of two processors, 1 in 128: none in 4000 has a probability of exp(-31). A tick depends on
 * time: an emulator's timer may be late, but not by 250 periods on each processor.
 */
#define LONG_OPERATIONS 4000u
#define LONG_US         (250 * TICK_US)

static struct keyed keyed[KEYS];
static unsigned processors;

struct worker {
    struct thread *thread;
    uint64_t random;
    volatile uint32_t paper, next; /* what PKRS has to be, and what the call under way makes of it */
    unsigned operations;
    uint64_t accesses, denied, migrations;
};
static struct worker workers[STRESS_THREADS];

static bool fine(void)
{
    return test_verdict() == VERDICT_PASS;
}

static void set(struct worker *w, unsigned key, uint64_t random)
{
    static const enum pks_rights rights[] = {PKS_NOACCESS, PKS_READONLY, PKS_READWRITE};
    enum pks_rights r = rights[random % 3];

    w->next = pkr_set(w->paper, key, r);
    if (pks_mk(key, r) != PKS_OK)
        test_error("key %u refused", key);
    w->paper = w->next;
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
    int token;

    w->next = pkr_set(w->paper, k->key, PKS_READWRITE);
    token = pks_mk_swap(k->key, PKS_READWRITE);
    w->paper = w->next;
    access(w, k, true);
    if (depth)
        section(w, depth - 1);
    if (rng_next(&w->random) % 4 == 0)
        thread_yield();
    access(w, k, false);
    w->next = pkr_set(w->paper, k->key, pkr_get(before, k->key));
    if (pks_mk_restore(k->key, token) != PKS_OK)
        test_error("token of key %u refused", k->key);
    w->paper = w->next;
}

/* Where there are several processors: goes to another one, or sends one an NMI. */
static void cross(uint64_t random)
{
    unsigned to = (unsigned)((random >> 8) % processors);

    if (random & 1)
        thread_move(to);
    else
        apic_send(percpu_of(to)->apic_id, X86_APIC_ICR_NMI);
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
    else if (choice < 58 || (choice < 60 && processors == 1))
        section(w, random >> 16 & 3);
    else if (choice < 60)
        cross(random >> 16);
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
    w->migrations = thread_current->migrations;
}

static void start(struct worker *w, unsigned index, unsigned operations)
{
    *w = (struct worker){.random = test_seed() + index,
                         .paper = PKRS_DEFAULT,
                         .next = PKRS_DEFAULT,
                         .operations = operations / STRESS_THREADS};
    w->thread = processors == 1 ? thread_create("stress", work, w)
                                : thread_create_on("stress", work, w, index % processors, false);
    REQUIRE(w->thread);
}

struct stress_result stress_run(unsigned operations, unsigned on_processors)
{
    struct stress_result result = {.operations = operations};
    uint64_t begin = time_us();

    processors = on_processors;
    for (unsigned i = 0; i < KEYS; i++)
        if (!keyed_make(&keyed[i], "stress", i, LEVEL_4K))
            return result;
    result.timer = preempt_every(TICK_US);
    for (unsigned i = 0; i < STRESS_THREADS; i++)
        start(&workers[i], i, operations);
    for (unsigned i = 0; i < STRESS_THREADS; i++) {
        expect_equal(thread_join(workers[i].thread, NULL), THREAD_RETURNED, "thread %u", i);
        result.migrations += workers[i].migrations;
        result.accesses += workers[i].accesses;
        result.denied += workers[i].denied;
    }
    result.preempted = preempt_count();
    result.us = time_us() - begin;
    preempt_every(0);
    for (unsigned i = 0; i < KEYS; i++)
        keyed_drop(&keyed[i]);
    return result;
}

bool stress_is_long(const struct stress_result *result)
{
    return fine() && result->operations >= LONG_OPERATIONS;
}

void stress_expect(const struct stress_result *result)
{
    if (!result->timer)
        test_note("stress no timer: no thread is preempted");
    if (!stress_is_long(result))
        return;
    if (!result->denied)
        test_error("none of %lu accesses was denied", result->accesses);
    if (result->timer && result->us >= LONG_US && !result->preempted)
        test_fail("no thread was preempted in %lu us by a timer of %u us", result->us, TICK_US);
}

bool stress_may_have(const struct thread *thread, uint32_t pkrs)
{
    const struct worker *w = thread->argument;

    return pkrs == PKRS_DEFAULT || (thread->function == work && (pkrs == w->paper || pkrs == w->next));
}
