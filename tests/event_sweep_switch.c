/*
 * Every instruction of the way from one thread to another and back: with equal and with different rights, to
 * a new thread, and away from one that ends. Between two instructions PKRS is the old thread's or the next
 * one's, and thread_of() says whose.
 */
#include "event_sweep.h"
#include "schedule.h"
#include "symbols.h"

extern const char thread_switch[], thread_switch_end[], thread_entry[]; /* kernel/switch.asm */
void thread_main(void);

#define AN_HOUR (3600u * 1000 * 1000) /* us */

static struct {
    unsigned key;
    enum pks_rights here, there;
    struct thread *other, *first;
    bool stop;
} c;

static uint32_t with(enum pks_rights rights)
{
    return pkr_set(PKRS_DEFAULT, c.key, rights);
}

static void prepare(void)
{
    REQUIRE(pks_mk(c.key, c.here) == PKS_OK);
}

static void check(const char *about)
{
    expect_equal(pkrs_read_checked(about), with(c.here), "%s: PKRS of the thread", about);
}

static void check_other(const char *about)
{
    check(about);
    expect_equal(c.other->pkrs, with(c.there), "%s: rights of the other thread", about);
}

static void yield_on(void *unused)
{
    (void)unused;
    pks_mk(c.key, c.there);
    while (!c.stop)
        thread_yield();
}

static void yield(void *unused)
{
    (void)unused;
    thread_yield();
}

static void sweep_pair(const char *name, enum pks_rights here, enum pks_rights there)
{
    struct sweep_way way = {.name = name, .prepare = prepare, .run = yield, .check = check_other};

    c.here = here;
    c.there = there;
    c.stop = false;
    c.other = thread_create("other", yield_on, NULL);
    REQUIRE(c.other);
    thread_yield();
    way.value[0] = way.value[2] = (struct sweep_value){with(here), c.first};
    way.value[1] = (struct sweep_value){with(there), c.other};
    sweep_way(&way);
    c.stop = true;
    thread_join(c.other, NULL);
}

static void open_and_end(void *unused)
{
    (void)unused;
    pks_mk_readwrite(c.key);
}

static void prepare_new(void)
{
    prepare();
    c.other = thread_create("new", open_and_end, NULL);
    REQUIRE(c.other == &threads[1]);
}

static void join(void *last)
{
    thread_join(c.other, last);
}

static void join_for_frame(void *unused)
{
    struct trap_frame last;

    (void)unused;
    join(&last);
}

/* The thread's whole life. The copy of its last frame is one instruction that is visited many times, which
 * only single steps can do. */
static void sweep_new(const char *name, void (*run)(void *), bool one_run)
{
    struct sweep_way way = {
        .name = name, .prepare = prepare_new, .run = run, .check = check, .one_run = one_run};

    c.here = PKS_READONLY;
    way.value[0] = way.value[3] = (struct sweep_value){with(c.here), c.first};
    way.value[1] = (struct sweep_value){PKRS_DEFAULT, &threads[1]};
    way.value[2] = (struct sweep_value){with(PKS_READWRITE), &threads[1]};
    sweep_way(&way);
}

static void join_nobody(void *unused)
{
    (void)unused;
    thread_join(NULL, NULL);
}

/* A thread that waits for another one. */
static void join_in_turn(void *unused)
{
    (void)unused;
    thread_join(&threads[2], NULL);
}

static void prepare_two(void)
{
    prepare();
    c.other = thread_create("waits", join_in_turn, NULL);
    REQUIRE(c.other == &threads[1]);
    REQUIRE(thread_create("new", open_and_end, NULL) == &threads[2]);
}

static void sweep_chain(void)
{
    struct sweep_way way = {.name = "thread that joins", .prepare = prepare_two, .run = join, .check = check};

    way.value[0] = way.value[5] = (struct sweep_value){with(c.here), c.first};
    way.value[1] = way.value[4] = (struct sweep_value){PKRS_DEFAULT, &threads[1]};
    way.value[2] = (struct sweep_value){PKRS_DEFAULT, &threads[2]};
    way.value[3] = (struct sweep_value){with(PKS_READWRITE), &threads[2]};
    sweep_way(&way);
}

/* Until the scheduler has waited: then somebody changes the time. */
static void sleep_long(void *unused)
{
    (void)unused;
    thread_sleep(AN_HOUR);
}

static void wake(void)
{
    c.first->wake_us = 0;
}

static void sleep_short(void *unused)
{
    (void)unused;
    thread_sleep(0);
}

/* In this thread alone. */
static void sweep_alone(const char *name, void (*run)(void *))
{
    struct sweep_way way = {.name = name, .prepare = prepare, .run = run, .check = check};

    way.value[0] = (struct sweep_value){with(c.here), c.first};
    sweep_way(&way);
}

/* In one run, because what the scheduler does while it waits depends on the other processors. */
static void sweep_long(void)
{
    struct sweep_way way = {.name = "long sleep",
                            .prepare = prepare,
                            .run = sleep_long,
                            .check = check,
                            .meet = (const void *)symbol_address("wait"), /* kernel/schedule.c */
                            .met = wake,
                            .one_run = true};

    REQUIRE(way.meet);
    way.value[0] = (struct sweep_value){with(c.here), c.first};
    sweep_way(&way);
}

TEST(event_sweep_switch, "An event at every instruction of a thread switch")
{
    static const struct sweep_path path = {
        .name = "switch",
        .code = {
            SWEEP_ASM(thread_switch, thread_switch_end),
            SWEEP_ASM(thread_entry, thread_entry + 2),
            {.name = "thread_main",
             .start = (const void *)thread_main,
             .except = 1,
             .why = "behind STI a processor may take no event"},
            SWEEP_FUNCTION(thread_yield),
            SWEEP_FUNCTION(thread_join),
            SWEEP_FUNCTION(thread_sleep),
            {.name = "schedule",
             .start = (const void *)schedule,
             .except = 6,
             .why = "no thread is ready: another processor idles, the first one waits"},
            SWEEP_STATIC("pick"),
            {.name = "pick_from", .except = 8, .why = "another processor looks, or at another one's threads"},
            SWEEP_STATIC("ready"),
            SWEEP_STATIC("require_own_stack"),
            SWEEP_FUNCTION(thread_exit),
            SWEEP_STATIC("end_thread")}};

    if (!sweep_begin(&path))
        return;
    c.key = 1;
    c.first = thread_current;
    REQUIRE(pks_key_alloc("swept") == 1);
    sweep_pair("equal and closed", PKS_NOACCESS, PKS_NOACCESS);
    sweep_pair("equal and open", PKS_READWRITE, PKS_READWRITE);
    sweep_pair("open to closed", PKS_READWRITE, PKS_NOACCESS);
    sweep_pair("closed to open", PKS_NOACCESS, PKS_READWRITE);
    sweep_pair("read-write to read-only", PKS_READWRITE, PKS_READONLY);
    sweep_new("new thread", join, false);
    sweep_new("new thread and its frame", join_for_frame, true);
    sweep_chain();
    sweep_alone("join of no thread", join_nobody);
    sweep_alone("short sleep", sleep_short);
    sweep_long();
    REQUIRE(pks_mk_noaccess(c.key) == PKS_OK);
    REQUIRE(pks_key_free(c.key) == PKS_OK);
    sweep_end();
}
