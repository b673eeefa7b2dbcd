/*
 * Threads that change their processor take their rights along, and leave nothing behind.
 *
 * PKRS belongs to a logical processor ("Protection Keys": IA32_PKRS is an MSR with thread scope) and moves
 * nowhere by itself. A thread with a key open is sent from processor to processor: where it comes to, it has
 * its rights; where it came from, the register holds those of whatever runs there next. The same at random,
 * many threads at once, each with its rights on paper.
 */
#include "rng.h"
#include "threads.h"

#define LAPS   16u
#define MOVERS 8u
#define MOVES  4000u /* and other steps, of all of them, under each paging mode */
#define KEYS   8u

static struct keyed keyed[KEYS];

static bool make_keys(unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (!keyed_make(&keyed[i], "moves", i, LEVEL_4K))
            return false;
    return true;
}

static void drop_keys(unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        keyed_drop(&keyed[i]);
}

/* One thread, everywhere in turn; the page is opened once and for all. */
static void travel(void *argument)
{
    unsigned from = cpu_number();

    (void)argument;
    pks_mk_readwrite(keyed[0].key);
    for (unsigned i = 1; i <= LAPS * smp_count(); i++) {
        unsigned to = i % smp_count();

        thread_move(to);
        expect_equal(cpu_number(), to, "processor after the move");
        expect_equal(pkrs_read_checked("after a move"), pkr_set(PKRS_DEFAULT, keyed[0].key, PKS_READWRITE),
                     "PKRS on processor %u, brought from %u", to, from);
        keyed_expect(&keyed[0], PKS_READWRITE, "the thread's own key after a move");
        if (from != to)
            expect_equal(pkrs_elsewhere(from), PKRS_DEFAULT, "PKRS of processor %u, left for %u", from, to);
        from = to;
    }
}

SMP_TEST(smp_thread_move, "A thread with a key open takes it to every processor and leaves it on none")
{
    struct thread *thread;

    SKIP_UNLESS(cpu.pks, "no pks");
    if (!make_keys(1))
        return;
    thread = start_on(0, true, travel, NULL);
    end_of(thread, "traveller");
    drop_keys(1);
}

/* Two threads meet on each processor with different rights for one key. */
struct pair {
    enum pks_rights rights;
    unsigned shift, rounds;
    struct thread *thread;
};

static void pass_by(void *argument)
{
    struct pair *p = argument;

    pks_mk(keyed[0].key, p->rights);
    for (unsigned i = 0; i < LAPS * smp_count(); i++) {
        thread_move((i + p->shift) % smp_count());
        expect_faults(&keyed[0], p->rights, "one of several that move");
        thread_yield();
        expect_equal(pkrs_read_checked("behind a yield"), pkr_set(PKRS_DEFAULT, keyed[0].key, p->rights),
                     "PKRS of one of several that move");
        p->rounds++;
    }
}

SMP_TEST(smp_thread_same_key, "Threads with different rights for one key pass each other on every processor")
{
    static const enum pks_rights rights[] = {PKS_READWRITE, PKS_READONLY, PKS_NOACCESS};
    static struct pair pair[6];

    SKIP_UNLESS(cpu.pks, "no pks");
    if (!make_keys(1))
        return;
    for (unsigned i = 0; i < 6; i++) {
        pair[i] = (struct pair){.rights = rights[i % 3], .shift = i};
        pair[i].thread = start_on(i % smp_count(), i % 2, pass_by, &pair[i]);
    }
    for (unsigned i = 0; i < 6; i++) {
        end_of(pair[i].thread, "one that moves");
        expect_equal(pair[i].rounds, LAPS * smp_count(), "rounds of thread %u", i);
    }
    drop_keys(1);
}

/* Rights on paper, for many threads that move at random. */
struct mover {
    struct thread *thread;
    uint64_t random, migrations;
    uint32_t paper;
    unsigned moves;
};

static void change_or_move(struct mover *m)
{
    static const enum pks_rights rights[] = {PKS_NOACCESS, PKS_READONLY, PKS_READWRITE};
    uint64_t random = rng_next(&m->random);
    const struct keyed *k = &keyed[(random >> 8) % KEYS];
    enum pks_rights r = rights[(random >> 16) % 3];

    switch (random % 4) {
    case 0:
        thread_move((random >> 32) % smp_count());
        expect_equal(cpu_number(), (random >> 32) % smp_count(), "processor");
        break;
    case 1:
        thread_yield();
        break;
    case 2:
        REQUIRE(pks_mk(k->key, r) == PKS_OK);
        m->paper = pkr_set(m->paper, k->key, r);
        break;
    default:
        expect_equal(probe(PROBE_read8, k->va, 0).fault,
                     pkr_get(m->paper, k->key) & X86_PKR_AD ? FAULT_KEY_READ : FAULT_NONE,
                     "read of key %u with 0x%x", k->key, m->paper);
        thread_move((random >> 32) % smp_count());
    }
}

static void wander(void *argument)
{
    struct mover *m = argument;
    uint64_t before = thread_current->migrations;

    while (m->moves && test_verdict() == VERDICT_PASS) {
        change_or_move(m);
        expect_equal(pkrs_read_checked("after a move"), m->paper, "PKRS of a thread that moves");
        m->moves--;
        test_alive();
    }
    m->migrations = thread_current->migrations - before;
}

SMP_TEST(smp_thread_random, "Eight threads change their rights and processors at random, as on paper")
{
    static struct mover mover[MOVERS];
    unsigned moves = test_effort(MOVES) / MOVERS + 1;
    uint64_t migrations = 0;

    SKIP_UNLESS(cpu.pks, "no pks");
    if (!make_keys(KEYS))
        return;
    for (unsigned i = 0; i < MOVERS; i++) {
        mover[i] = (struct mover){.random = test_seed() + i, .paper = PKRS_DEFAULT, .moves = moves};
        mover[i].thread = start_on(i % smp_count(), i % 2, wander, &mover[i]);
    }
    for (unsigned i = 0; i < MOVERS; i++) {
        end_of(mover[i].thread, "one that moves");
        migrations += mover[i].migrations;
    }
    if (migrations < moves)
        test_fail("%lu migrations in %u steps of %u threads", migrations, moves, MOVERS);
    drop_keys(KEYS);
}
