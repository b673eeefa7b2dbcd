/*
 * The scheduler itself, without rights: turns, sleep, join, ends. That threads really alternate is shown by
 * the order in which they write into one log, never by waiting and hoping.
 */
#include "test.h"
#include "thread.h"
#include "time.h"

#define TURNS 50u

static struct {
    char text[256];
    unsigned length;
} diary;

static void write_down(char who)
{
    if (diary.length < sizeof(diary.text))
        diary.text[diary.length++] = who;
}

static void take_turns(void *name)
{
    for (unsigned turn = 0; turn < TURNS; turn++) {
        write_down(*(const char *)name);
        thread_yield();
    }
}

/* A thread, or an error and NULL. */
static struct thread *start(const char *name, void (*function)(void *), void *argument)
{
    struct thread *thread = thread_create(name, function, argument);

    REQUIRE(thread);
    return thread;
}

TEST(thread_turns, "Three threads and their creator take turns, one after the other")
{
    static const char name[] = "abc";
    struct thread *thread[3];

    diary.length = 0;
    for (unsigned i = 0; i < 3; i++)
        if (!(thread[i] = start("turns", take_turns, (void *)(uintptr_t)&name[i])))
            return;
    for (unsigned turn = 0; turn < TURNS; turn++) {
        write_down('m');
        thread_yield();
    }
    for (unsigned i = 0; i < 3; i++)
        expect_equal(thread_join(thread[i], NULL), THREAD_RETURNED, "end of %c", name[i]);
    expect_equal(diary.length, 4 * TURNS, "entries");
    for (unsigned i = 0; i < diary.length; i++)
        if (diary.text[i] != "mabc"[i % 4])
            test_fail("entry %u: want %c got %c", i, "mabc"[i % 4], diary.text[i]);
}

struct sleeper {
    uint64_t us, slept_us;
    struct thread *thread;
};

static void sleep_and_measure(void *argument)
{
    struct sleeper *s = argument;
    uint64_t begin = time_us();

    thread_sleep(s->us);
    s->slept_us = time_us() - begin;
}

static void count_while(void *count)
{
    for (;;) {
        ++*(uint64_t *)count;
        thread_yield();
    }
}

TEST(thread_sleep, "No sleep is shorter than asked for, and others run meanwhile")
{
    struct sleeper sleeper[] = {{.us = 3000}, {.us = 1000}, {.us = 2000}};
    uint64_t laps = 0;

    SKIP_UNLESS(time_us(), "no clock");
    for (unsigned i = 0; i < 3; i++)
        if (!(sleeper[i].thread = start("sleeper", sleep_and_measure, &sleeper[i])))
            return;
    if (!start("awake", count_while, &laps))
        return;
    for (unsigned i = 0; i < 3; i++) {
        thread_join(sleeper[i].thread, NULL);
        if (sleeper[i].slept_us < sleeper[i].us)
            test_fail("a sleep of %lu us took %lu us", sleeper[i].us, sleeper[i].slept_us);
    }
    expect_equal(laps > 0, true, "the thread that was awake ran");
    thread_reset(); /* it never ends by itself */
}

static void just_exit(void *unused)
{
    (void)unused;
    thread_exit();
}

/* Needs several times the stack there is. */
static unsigned deeper(unsigned levels)
{
    volatile uint8_t room[512] = {0};

    return levels ? deeper(levels - 1) + room[levels % sizeof(room)] : 0;
}

static void overflow(void *unused)
{
    (void)unused;
    deeper(4 * X86_STACK_SIZE / 512);
}

TEST(thread_ends, "A thread ends by returning, by exiting, or by a fault, and its slot can be used again")
{
    for (unsigned round = 0; round < 3 * THREADS_MAX; round++) {
        struct thread *thread = start("short", just_exit, NULL);

        if (!thread)
            return;
        expect_equal(thread_join(thread, NULL), THREAD_RETURNED, "exit");
    }
}

TEST(thread_stack_guard, "A thread that overflows its stack dies alone")
{
    struct thread *thread = start("deep", overflow, NULL);
    struct trap_frame last;

    if (!thread)
        return;
    thread->may_die = true;
    expect_equal(thread_join(thread, &last), THREAD_DIED, "end");
    expect_equal(last.vector, X86_VEC_DF, "vector: the guard page faults, and no room is left for the frame");
}

TEST(thread_all, "There are as many threads as there are stacks, and not one more")
{
    struct thread *thread[THREADS_MAX];

    for (unsigned i = 0; i < THREADS_MAX; i++)
        if (!(thread[i] = start("one", just_exit, NULL)))
            return;
    if (thread_create("too many", just_exit, NULL))
        test_fail("thread %u was made", THREADS_MAX + 1);
    for (unsigned i = 0; i < THREADS_MAX; i++)
        thread_join(thread[i], NULL);
}
