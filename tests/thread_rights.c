/*
 * Rights belong to a thread. Each test lets threads alternate on one processor with rights of their own for
 * the same key, and proves by the count of switches that they did; a thread that never touches a key is among
 * them. Source: "IA32_PKRS is not managed by XSAVE" ("Protection Keys"): the switch is all there is.
 */
#include "keyed.h"
#include "preempt.h"
#include "thread.h"

#define ROUNDS 40u

struct worker {
    const struct keyed *keyed;
    enum pks_rights rights;
    bool touches; /* sets and checks rights; otherwise it only yields */
    unsigned rounds;
    struct thread *thread;
};

static void work(void *argument)
{
    struct worker *w = argument;

    if (w->touches)
        pks_mk(w->keyed->key, w->rights);
    for (unsigned i = 0; i < ROUNDS; i++) {
        if (w->touches)
            keyed_expect(w->keyed, w->rights, "its own rights after a switch");
        else
            expect_equal(pkrs_read_checked("bystander"), PKRS_DEFAULT, "PKRS of a thread that uses no key");
        w->rounds++;
        thread_yield();
    }
}

static void alternate(struct worker *workers, unsigned count)
{
    struct keyed keyed;

    if (!keyed_make(&keyed, "shared", 0, LEVEL_4K))
        return;
    for (unsigned i = 0; i < count; i++) {
        workers[i].keyed = &keyed;
        workers[i].thread = thread_create("worker", work, &workers[i]);
        REQUIRE(workers[i].thread);
    }
    for (unsigned round = 0; round < ROUNDS; round++) {
        thread_yield();
        for (unsigned i = 0; i < count; i++)
            if (workers[i].rounds != round + 1)
                test_fail("round %u: thread %u has had %u", round + 1, i, workers[i].rounds);
    }
    keyed_expect(&keyed, PKS_NOACCESS, "the creator's own");
    for (unsigned i = 0; i < count; i++)
        expect_equal(thread_join(workers[i].thread, NULL), THREAD_RETURNED, "thread %u", i);
    keyed_drop(&keyed);
}

TEST(thread_rights_two, "Two threads with different rights for the same key")
{
    struct worker w[] = {{.rights = PKS_READWRITE, .touches = true},
                         {.rights = PKS_READONLY, .touches = true}};

    SKIP_UNLESS(cpu.pks, "no pks");
    alternate(w, 2);
}

TEST(thread_rights_three, "Three threads, one for each of the rights, for the same key")
{
    struct worker w[] = {{.rights = PKS_READWRITE, .touches = true},
                         {.rights = PKS_NOACCESS, .touches = true},
                         {.rights = PKS_READONLY, .touches = true}};

    SKIP_UNLESS(cpu.pks, "no pks");
    alternate(w, 3);
}

TEST(thread_rights_bystander, "A thread that uses no key between two that do keeps the default rights")
{
    struct worker w[] = {
        {.rights = PKS_READWRITE, .touches = true}, {0}, {.rights = PKS_READONLY, .touches = true}};

    SKIP_UNLESS(cpu.pks, "no pks");
    alternate(w, 3);
}

static void look(void *keyed)
{
    expect_equal(pkrs_read_checked("new thread"), PKRS_DEFAULT, "PKRS of a new thread");
    keyed_expect(keyed, PKS_NOACCESS, "new thread");
}

static void open_and_end(void *keyed)
{
    pks_mk_readwrite(((const struct keyed *)keyed)->key);
    keyed_expect(keyed, PKS_READWRITE, "thread that is about to end");
}

static void run_one(const char *name, void (*function)(void *), struct keyed *keyed)
{
    struct thread *thread = thread_create(name, function, keyed);

    REQUIRE(thread);
    if (thread)
        expect_equal(thread_join(thread, NULL), THREAD_RETURNED, "%s", name);
}

TEST(thread_rights_new, "A thread starts with the default rights, whatever its creator has open")
{
    struct keyed keyed;

    SKIP_UNLESS(cpu.pks, "no pks");
    if (!keyed_make(&keyed, "creator", 0, LEVEL_4K))
        return;
    pks_mk_readwrite(keyed.key);
    run_one("child", look, &keyed);
    keyed_expect(&keyed, PKS_READWRITE, "creator afterwards");
    pks_mk_noaccess(keyed.key);
    keyed_drop(&keyed);
}

TEST(thread_rights_exit,
     "A thread that ends with a key open leaves nothing to anybody, its slot's next thread included")
{
    struct keyed keyed;

    SKIP_UNLESS(cpu.pks, "no pks");
    if (!keyed_make(&keyed, "exit", 0, LEVEL_4K))
        return;
    run_one("opener", open_and_end, &keyed);
    keyed_expect(&keyed, PKS_NOACCESS, "whoever waited for it");
    run_one("next in the slot", look, &keyed);
    keyed_drop(&keyed);
}

/* One thread keeps a key open and never yields; the other one looks whenever the timer gives it a turn. */
struct contest {
    struct keyed keyed;
    volatile bool stop;
    volatile uint64_t looks;
};

static void look_when_preempting(void *argument)
{
    struct contest *c = argument;

    irq_disable(); /* a look is whole, and every turn that the timer gives is one look */
    while (!c->stop) {
        keyed_expect(&c->keyed, PKS_NOACCESS, "thread that came by preemption");
        c->looks++;
        thread_yield();
    }
}

TEST(thread_rights_preempt,
     "A thread preempted inside an open section keeps its rights, and the next one does not get them")
{
    struct contest c = {.stop = false};
    struct thread *other;
    uint64_t checks = 0;

    SKIP_UNLESS(cpu.pks, "no pks");
    if (!keyed_make(&c.keyed, "contest", 0, LEVEL_4K))
        return;
    other = thread_create("preempting", look_when_preempting, &c);
    REQUIRE(other);
    pks_mk_readwrite(c.keyed.key);
    if (!preempt_every(200)) {
        test_skip("no timer");
    } else {
        irq_enable();
        while ((preempt_count() < 50 || c.looks < 40) && checks < 100000000) { /* no yield in here */
            *c.keyed.memory = checks;
            checks += *c.keyed.memory == checks;
        }
        irq_disable();
        expect_equal(preempt_count() >= 50, true, "the timer ended 50 turns");
        expect_equal(c.looks >= 40, true, "the other thread had its turns");
        preempt_every(0);
    }
    c.stop = true;
    thread_join(other, NULL);
    keyed_expect(&c.keyed, PKS_READWRITE, "open section");
    pks_mk_noaccess(c.keyed.key);
    keyed_drop(&c.keyed);
}
