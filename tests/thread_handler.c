/*
 * Threads and handlers together: a thread that sleeps inside of a fault handler, with rights that are the
 * handler's own, while others run; and a switch between any two of them. Linux loaded the thread's shadow at
 * switch-in, so that the handler went on with the interrupted thread's rights.
 */
#include "keyed.h"
#include "thread.h"

static struct keyed data, diary; /* the thread has `data` open, the handler opens `diary` */
static volatile bool slept;

static bool sleep_in_callback(struct trap_frame *frame, const struct pks_fault *fault)
{
    pks_mk_readonly(diary.key);
    thread_sleep(500);
    keyed_expect(&diary, PKS_READONLY, "the handler's own key after its sleep");
    keyed_expect(&data, PKS_NOACCESS, "the interrupted code's key in the handler after its sleep");
    expect_equal(pkrs_read_checked("after the sleep"), pkr_set(PKRS_DEFAULT, diary.key, PKS_READONLY),
                 "the handler's PKRS");
    slept = true;
    return pks_update_exception(frame, fault->key, PKS_READWRITE) == PKS_OK;
}

static bool over; /* whether or not there was a fault to sleep in */

static void fault_and_sleep(void *trigger)
{
    const struct keyed *k = trigger;

    pks_mk_readwrite(data.key);
    *k->memory = 1;
    expect_equal(slept, true, "the handler slept");
    keyed_expect(&data, PKS_READWRITE, "the thread's key behind the handler");
    keyed_expect(k, PKS_READWRITE, "the key that the callback opened");
    keyed_expect(&diary, PKS_NOACCESS, "the handler's key behind the handler");
    over = true;
}

static unsigned laps;

static void run_meanwhile(void *unused)
{
    (void)unused;
    while (!slept && !over) {
        keyed_expect(&diary, PKS_NOACCESS, "another thread while the handler sleeps");
        keyed_expect(&data, PKS_NOACCESS, "another thread while the handler sleeps");
        laps++;
        thread_yield();
    }
}

TEST(thread_handler_sleeps, "A thread that sleeps in a fault handler wakes with the handler's rights")
{
    struct keyed trigger;
    struct thread *sleeper, *runner;

    SKIP_UNLESS(cpu.pks, "no pks");
    if (!keyed_make(&data, "data", 0, LEVEL_4K) || !keyed_make(&diary, "diary", 1, LEVEL_4K) ||
        !keyed_make(&trigger, "trigger", 2, LEVEL_4K))
        return;
    slept = over = false;
    laps = 0;
    REQUIRE(pks_key_on_fault(trigger.key, sleep_in_callback) == PKS_OK);
    sleeper = thread_create("sleeper", fault_and_sleep, &trigger);
    runner = thread_create("meanwhile", run_meanwhile, NULL);
    REQUIRE(sleeper && runner);
    expect_equal(thread_join(sleeper, NULL), THREAD_RETURNED, "sleeper");
    expect_equal(thread_join(runner, NULL), THREAD_RETURNED, "runner");
    expect_equal(laps > 0, true, "the other thread ran meanwhile");
    keyed_drop(&trigger);
    keyed_drop(&diary);
    keyed_drop(&data);
}
