/*
 * What is changed for everybody reaches threads in every state that the scheduler knows, on whichever
 * processor: running, ready behind another one, asleep, asleep in a handler, waiting for a thread's end, on
 * the way to another processor, and in an idle thread whose job another thread holds up. No rights may be
 * under way between two of these places when a key is freed, abandoned, or given out with another default;
 * version 6 of the Linux series was withdrawn because they were.
 */
#include "threads.h"

#define ROUNDS 4u
#define SLEEP  200u /* microseconds */

static struct {
    struct keyed trigger;
    unsigned key;
    enum pks_rights first, want; /* the key's rights before and behind the change */
    unsigned set, changed, checked;
    bool moving; /* handlers move too */
} now;

/* Processor 1 belongs to a thread that does not give it up. */
static unsigned shared(unsigned i)
{
    unsigned number = i % (smp_count() - 1);

    return number ? number + 1 : 0;
}

static void wait_for_change(void)
{
    while (!count_now(&now.changed))
        thread_sleep(SLEEP);
}

static void set_key(void)
{
    REQUIRE(pks_mk(now.key, now.first) == PKS_OK);
    count_up(&now.set);
}

static void check(const char *who)
{
    uint32_t pkrs = pkrs_read_checked(who);

    expect_equal(pkr_get(pkrs, now.key), now.want, "rights of %s on processor %u", who, cpu_number());
    count_up(&now.checked);
}

static void run_on(void *unused)
{
    (void)unused;
    set_key();
    while (!count_now(&now.changed))
        spin_pause();
    check("a thread that ran");
}

static void run_in_turn(void *unused)
{
    (void)unused;
    set_key();
    while (!count_now(&now.changed))
        thread_yield();
    check("a thread that yielded");
}

static void sleep_on(void *unused)
{
    (void)unused;
    set_key();
    wait_for_change();
    check("a thread that slept");
}

static void move_on(void *unused)
{
    (void)unused;
    set_key();
    for (unsigned i = 0; !count_now(&now.changed); i++) {
        thread_move(shared(i));
        thread_yield();
    }
    check("a thread that moved");
}

/* It waits for a thread that sleeps. */
static void join_on(void *unused)
{
    struct thread *thread = start_on(shared(cpu_number()), true, sleep_on, NULL);

    (void)unused;
    set_key();
    end_of(thread, "a thread that slept");
    check("a thread that waited for another one");
}

static bool sleep_in_handler(struct trap_frame *frame, const struct pks_fault *fault)
{
    set_key();
    if (now.moving)
        thread_move(shared(cpu_number()));
    wait_for_change();
    check("a handler that slept");
    return pks_update_exception(frame, fault->key, PKS_READWRITE) == PKS_OK;
}

static void handle_on(void *unused)
{
    (void)unused;
    set_key();
    *now.trigger.memory = 1;
    check("a thread whose handler slept");
}

static const struct {
    void (*function)(void *);
    unsigned sets; /* how often the key is set, and its rights are checked */
} kind[] = {{run_on, 1}, {run_in_turn, 1}, {sleep_on, 1}, {move_on, 1}, {join_on, 2}, {handle_on, 2}};
#define KINDS (sizeof(kind) / sizeof(kind[0]))

static bool fine(void)
{
    return test_verdict() == VERDICT_PASS;
}

/* A thread of each kind, the processors in turn, and the change when all of them have set the key. */
static void round_of(unsigned round, int (*change)(unsigned))
{
    struct thread *thread[KINDS];
    unsigned sets = 0;

    now.set = now.changed = now.checked = 0;
    now.moving = round % 2;
    smp_start(1, run_in_turn, NULL); /* the idle thread, which the first kind of thread holds up */
    await_count(&now.set, ++sets, "a job");
    for (unsigned i = 0; i < KINDS; i++) {
        unsigned number = kind[i].function == run_on ? 1 : shared(i + round);

        thread[i] = start_on(number, true, kind[i].function, NULL);
        sets += kind[i].sets;
    }
    while (count_now(&now.set) < sets && fine())
        thread_yield();
    REQUIRE(change(now.key) == PKS_OK);
    count_up(&now.changed);
    for (unsigned i = 0; i < KINDS; i++)
        end_of(thread[i], "a thread");
    REQUIRE(smp_wait(1));
    expect_equal(now.checked, sets, "checks behind the change");
}

static bool begin(void)
{
    int key;

    if (!keyed_make(&now.trigger, "trigger", 0, LEVEL_4K))
        return false;
    REQUIRE(pks_key_on_fault(now.trigger.key, sleep_in_handler) == PKS_OK);
    key = pks_key_alloc("changed");
    REQUIRE(key > 0);
    now.key = (unsigned)key;
    return fine();
}

static int free_and_reuse(unsigned key)
{
    int result = pks_key_free(key);

    REQUIRE(pks_key_alloc("reused") == (int)key);
    return result;
}

SMP_TEST(smp_thread_free,
         "A key that is freed and reused is closed in threads in every state on every processor")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    if (!begin())
        return;
    now.want = PKS_NOACCESS;
    now.first = PKS_READWRITE;
    for (unsigned round = 0; round < ROUNDS && fine(); round++)
        round_of(round, free_and_reuse);
    REQUIRE(pks_key_free(now.key) == PKS_OK);
    keyed_drop(&now.trigger);
}

static int reuse_readonly(unsigned key)
{
    int result = pks_key_free(key);

    REQUIRE(pks_key_alloc_default("read-only", PKS_READONLY) == (int)key);
    return result;
}

SMP_TEST(smp_thread_default, "A key with another default has it in threads in every state on every processor")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    if (!begin())
        return;
    now.want = PKS_READONLY;
    now.first = PKS_READWRITE;
    for (unsigned round = 0; round < ROUNDS && fine(); round++)
        round_of(round, reuse_readonly);
    for (unsigned i = 0; i < smp_count(); i++)
        expect_equal(pkrs_elsewhere(i), pks_default, "PKRS of processor %u", i);
    REQUIRE(pks_key_free(now.key) == PKS_OK);
    keyed_drop(&now.trigger);
}

SMP_TEST(smp_thread_abandon, "An abandoned key is open in threads in every state on every processor")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    if (!begin())
        return;
    now.want = PKS_READWRITE;
    now.first = PKS_READONLY;
    for (unsigned round = 0; round < ROUNDS && fine(); round++) {
        round_of(round, pks_abandon);
        REQUIRE(free_and_reuse(now.key) == PKS_OK);
    }
    REQUIRE(pks_key_free(now.key) == PKS_OK);
    keyed_drop(&now.trigger);
}
