/*
 * Keys that every processor takes and gives back at the same time: a key has one owner, its rights begin at
 * access-disabled and end with it, a token of an owner that has gone opens nothing on any processor, and no
 * key is lost.
 */
#include "keyed.h"
#include "rng.h"
#include "smp.h"
#include "together.h"

#define KEYS       15u
#define OPERATIONS 200u /* on all processors together, under each paging mode */
#define AT_LEAST   50u  /* of them, whatever the effort */
#define RACERS     4u

static unsigned owner[X86_PKEYS];     /* on paper: number of the processor, plus one */
static uint64_t old_token[X86_PKEYS]; /* of an owner that has gone, plus one; 0: none yet */

struct user {
    const char *name; /* an address that nobody else uses as one */
    unsigned self, may_hold, holds;
    uint64_t random;
    uint32_t pkrs; /* on paper */
    int token[X86_PKEYS];
};

/* Each change of another processor's keys may come between the two reads, but changes no key of this one. */
static void agree(const struct user *u, const char *about)
{
    uint64_t flags = irq_save();
    uint32_t pkrs = (uint32_t)msr_read(X86_MSR_IA32_PKRS);
    uint32_t copy = pks_copy;

    irq_restore(flags);
    if (pkrs != u->pkrs || copy != u->pkrs)
        test_fail("processor %u, %s: PKRS 0x%x, copy 0x%x, on paper 0x%x", u->self, about, pkrs, copy,
                  u->pkrs);
}

static bool held_by(unsigned key, unsigned self)
{
    return __atomic_load_n(&owner[key], __ATOMIC_RELAXED) == self + 1;
}

/* Two of the tokens: of the first rights, and of those that the owner gives itself. */
static void open(struct user *u, unsigned key)
{
    enum pks_rights rights = rng_next(&u->random) & 1 ? PKS_READWRITE : PKS_READONLY;

    u->token[key] = pks_mk_swap(key, rights);
    u->pkrs = pkr_set(u->pkrs, key, rights);
    if (u->token[key] < 0)
        test_fail("processor %u cannot open its key %u", u->self, key);
    if (rng_next(&u->random) & 1)
        u->token[key] = pks_mk_swap(key, rights);
}

static void take(struct user *u)
{
    int key = pks_key_alloc(u->name);
    unsigned before;

    if (key < 1 || key > (int)KEYS) {
        test_fail("processor %u gets '%s' while a key is left", u->self, pks_result_text(key));
        return;
    }
    before = __atomic_exchange_n(&owner[key], u->self + 1, __ATOMIC_ACQ_REL);
    if (before)
        test_fail("processor %u gets key %u of processor %u", u->self, (unsigned)key, before - 1);
    if (pks_key_owner((unsigned)key) != u->name)
        test_fail("key %u of processor %u has another owner", (unsigned)key, u->self);
    u->holds++;
    agree(u, "behind an allocation");
    open(u, (unsigned)key);
    agree(u, "with its key open");
}

static void give_back(struct user *u, unsigned key)
{
    uint64_t token = (uint64_t)u->token[key] + 1;
    unsigned before = __atomic_exchange_n(&owner[key], 0, __ATOMIC_ACQ_REL);

    expect_equal(before, u->self + 1, "owner of key %u, plus one", key);
    expect_equal((uint64_t)pks_key_free(key), PKS_OK, "processor %u frees key %u", u->self, key);
    u->holds--;
    u->pkrs = pkr_set(u->pkrs, key, PKS_NOACCESS);
    agree(u, "behind a key's end");
    __atomic_store_n(&old_token[key], token, __ATOMIC_RELEASE);
}

/* Whoever has got hold of an old token. */
static void use_old_token(struct user *u, unsigned key)
{
    uint64_t token = __atomic_load_n(&old_token[key], __ATOMIC_ACQUIRE);

    if (!token)
        return;
    expect_equal((uint64_t)pks_mk_restore(key, (int)(token - 1)), (uint64_t)PKS_BAD_KEY,
                 "an old token of key %u on processor %u", key, u->self);
    agree(u, "behind an old token");
}

static void operate(struct user *u)
{
    uint64_t random = rng_next(&u->random);
    unsigned key = 1 + (unsigned)(random >> 8) % KEYS;

    if (held_by(key, u->self))
        give_back(u, key);
    else if (random & 1 && u->holds < u->may_hold)
        take(u);
}

static void take_and_give(unsigned self, void *participants)
{
    unsigned count = *(const unsigned *)participants;
    char name[4] = "own"; /* its address is the name */
    struct user u = {.name = name, .self = self, .random = test_seed() + self, .pkrs = PKRS_DEFAULT};

    u.may_hold = KEYS / count + (self < KEYS % count); /* 15 in all: none of them ever waits for one */
    if (!together_barrier())
        return;
    for (unsigned i = 0; i < (AT_LEAST + test_effort(OPERATIONS)) / count && test_verdict() == VERDICT_PASS;
         i++) {
        operate(&u);
        for (unsigned key = 1; key <= KEYS; key++)
            use_old_token(&u, key);
        test_alive();
    }
    for (unsigned key = 1; key <= KEYS; key++)
        if (held_by(key, self))
            give_back(&u, key);
    expect_equal(u.holds, 0, "keys that processor %u still has", self);
    pkrs_write(PKRS_DEFAULT);
}

static unsigned participants(unsigned limit)
{
    return smp_count() < limit ? smp_count() : limit;
}

/* All keys are there, and are given out in their order. */
static void count_keys(void)
{
    for (unsigned key = 1; key <= KEYS; key++)
        expect_equal((uint64_t)pks_key_alloc("count"), key, "key %u, when all have been given back", key);
    for (unsigned key = 1; key <= KEYS; key++)
        expect_equal((uint64_t)pks_key_free(key), PKS_OK, "freeing key %u", key);
}

SMP_TEST(smp_alloc_race,
         "Processors take and give back keys at once: one owner each, no old token opens, none is lost")
{
    unsigned count = participants(KEYS);

    SKIP_UNLESS(cpu.pks, "no pks");
    for (unsigned key = 0; key < X86_PKEYS; key++) {
        owner[key] = 0;
        old_token[key] = 0;
    }
    together(count, take_and_give, &count);
    count_keys();
}

static unsigned taken[X86_PKEYS];

/* As many as there are. */
static void take_all(unsigned self, void *unused)
{
    unsigned mine[X86_PKEYS];
    unsigned count = 0;
    int key;

    (void)unused;
    if (!together_barrier())
        return;
    while ((key = pks_key_alloc("racer")) > 0 && count < X86_PKEYS) {
        __atomic_fetch_add(&taken[key], 1, __ATOMIC_RELAXED);
        mine[count++] = (unsigned)key;
    }
    expect_equal((uint64_t)key, (uint64_t)PKS_EXHAUSTED, "what processor %u gets in the end", self);
    if (!together_barrier())
        return;
    for (unsigned i = 0; i < count; i++)
        expect_equal((uint64_t)pks_key_free(mine[i]), PKS_OK, "processor %u frees key %u", self, mine[i]);
}

SMP_TEST(smp_alloc_exhausted,
         "Processors that take keys until none is left get fifteen together, each key once")
{
    SKIP_UNLESS(cpu.pks, "no pks");

    for (unsigned key = 1; key <= KEYS; key++)
        taken[key] = 0;
    together(participants(RACERS), take_all, NULL); /* each prints two lines about what it did not get */
    for (unsigned key = 1; key <= KEYS; key++)
        expect_equal(taken[key], 1, "owners of key %u", key);
    count_keys();
}
