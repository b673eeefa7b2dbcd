/*
 * Accesses that must end a thread: the crash test of the Linux series and callbacks that break their
 * contract. The thread that dies is a child; its end, the frame that killed it and the number of calls are
 * the verdict. Whoever lives on has to find its rights and its page as they were.
 */
#include "keyed.h"
#include "thread.h"

static struct keyed keyed;
static volatile unsigned calls, passed; /* volatile: in the order of the accesses between them */

static void write_once(void *unused)
{
    (void)unused;
    *keyed.memory = 1;
    passed++; /* nobody gets here with the key denied */
}

/* A child that must die of its write with these rights in its frame, and leave memory alone. */
static void expect_death(unsigned want_calls, enum pks_rights rights, const char *about)
{
    struct thread *child = thread_create("child", write_once, NULL);
    struct trap_frame last;

    REQUIRE(child);
    if (!child)
        return;
    calls = 0;
    passed = 0;
    *keyed.alias = 0x5a;
    child->may_die = true;
    expect_equal(thread_join(child, &last), THREAD_DIED, "%s: the child's end", about);
    expect_equal(trap_fault(&last), FAULT_KEY_WRITE, "%s: vector and error code", about);
    expect_equal(last.cr2, keyed.va, "%s: CR2", about);
    expect_equal((uint32_t)last.pkrs, pkr_set(PKRS_DEFAULT, keyed.key, rights), "%s: PKRS in the frame",
                 about);
    expect_equal(calls, want_calls, "%s: calls of the callback", about);
    expect_equal(passed, 0, "%s: instructions behind the access", about);
    expect_equal(*keyed.alias, 0x5a, "%s: memory", about);
    keyed_expect(&keyed, PKS_NOACCESS, "the parent");
}

static bool make(void)
{
    return keyed_make(&keyed, "death", 0, LEVEL_4K);
}

TEST(keys_death_strict, "A denied access that nobody relaxes ends its thread, and only that")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    if (!make())
        return;
    expect_death(0, PKS_NOACCESS, "no callback");
    expect_death(0, PKS_NOACCESS, "again");
    keyed_drop(&keyed);
}

static bool refuse_it(struct trap_frame *frame, const struct pks_fault *fault)
{
    (void)frame, (void)fault;
    calls++;
    return false;
}

static bool relax_nothing(struct trap_frame *frame, const struct pks_fault *fault)
{
    (void)frame, (void)fault;
    calls++;
    return true;
}

static bool relax_too_little(struct trap_frame *frame, const struct pks_fault *fault)
{
    calls++;
    return pks_update_exception(frame, fault->key, PKS_READONLY) == PKS_OK;
}

/* Opens its own rights instead of the interrupted context's: a likely mistake. */
static bool relax_itself(struct trap_frame *frame, const struct pks_fault *fault)
{
    (void)frame;
    calls++;
    return pks_mk_readwrite(fault->key) == PKS_OK;
}

static bool touch_the_key(struct trap_frame *frame, const struct pks_fault *fault)
{
    calls++;
    *keyed.memory = 2;
    return pks_update_exception(frame, fault->key, PKS_READWRITE) == PKS_OK;
}

TEST(keys_death_callback,
     "A callback that refuses, or relaxes nothing or too little, is called once and not for ever")
{
    static const struct {
        pks_callback *callback;
        enum pks_rights rights;
        const char *about;
    } row[] = {{refuse_it, PKS_NOACCESS, "refuses"},
               {relax_nothing, PKS_NOACCESS, "relaxes nothing"},
               {relax_too_little, PKS_READONLY, "opens for reading only"},
               {relax_itself, PKS_NOACCESS, "opens its own rights"}};

    SKIP_UNLESS(cpu.pks, "no pks");
    if (!make())
        return;
    for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        REQUIRE(pks_key_on_fault(keyed.key, row[i].callback) == PKS_OK);
        expect_death(1, row[i].rights, row[i].about);
    }
    keyed_drop(&keyed);
}

TEST(keys_death_callback_faults, "A callback that touches its own key is not handed that fault again")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    if (!make())
        return;
    REQUIRE(pks_key_on_fault(keyed.key, touch_the_key) == PKS_OK);
    expect_death(1, PKS_NOACCESS, "touches the key");
    /* it is the next thread's first fault again, not a left-over mark */
    expect_death(1, PKS_NOACCESS, "touches the key again");
    keyed_drop(&keyed);
}

static void write_from_a_handler(void *unused)
{
    (void)unused;
    __asm__ volatile("int3");
}

static bool write_in_handler(struct trap_frame *frame)
{
    (void)frame;
    *keyed.memory = 1;
    return true;
}

/* The block of words goes into the log on purpose; tests/machine/test_runtime.py reads it. */
TEST(keys_death_words,
     "A death that nobody expected is reported with key, rights, owner, level, thread and depth")
{
    struct thread *child;

    SKIP_UNLESS(cpu.pks, "no pks");
    if (!make())
        return;
    trap_set_handler(X86_VEC_BP, write_in_handler);
    child = thread_create("victim", write_from_a_handler, NULL);
    REQUIRE(child && thread_join(child, NULL) == THREAD_DIED);
    trap_set_handler(X86_VEC_BP, NULL);
    REQUIRE(pks_key_on_fault(keyed.key, relax_nothing) == PKS_OK);
    child = thread_create("trusting", write_once, NULL);
    REQUIRE(child && thread_join(child, NULL) == THREAD_DIED);
    keyed_drop(&keyed);
}
