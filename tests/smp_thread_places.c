/*
 * Where threads run: pinned ones where they were put, the others wherever a processor has nothing to do; who
 * wakes whom across processors; and what is left of a thread that dies on another one.
 */
#include "threads.h"
#include "time.h"
#include "together.h"

#define TURNS 40u

static unsigned wrong, started, stop;

static void stay(void *number)
{
    for (unsigned i = 0; i < TURNS; i++) {
        if (cpu_number() != (uintptr_t)number)
            count_up(&wrong);
        if (i % 8 == 0)
            thread_sleep(10);
        else
            thread_yield();
    }
}

SMP_TEST(smp_thread_pinned, "Pinned threads never leave their processor, however idle the others are")
{
    struct thread *thread[8];

    wrong = 0;
    for (unsigned i = 0; i < 8; i++) {
        uintptr_t number = i < 6 ? smp_count() - 1 : i % smp_count();

        thread[i] = start_on((unsigned)number, true, stay, (void *)number);
    }
    for (unsigned i = 0; i < 8; i++)
        end_of(thread[i], "pinned thread");
    expect_equal(wrong, 0, "turns on another processor");
}

static unsigned taken[THREADS_MAX]; /* by number of the processor: threads that run there */

static void occupy(void *unused)
{
    (void)unused;
    count_up(&taken[cpu_number() % THREADS_MAX]);
    count_up(&started);
    while (!count_now(&stop))
        spin_pause();
}

SMP_TEST(smp_thread_spread, "Threads of one processor's queue that are not pinned run on all idle ones")
{
    struct thread *thread[THREADS_MAX];
    unsigned count = smp_count() - 1 < THREADS_MAX ? smp_count() - 1 : THREADS_MAX;

    started = stop = 0;
    for (unsigned i = 0; i < THREADS_MAX; i++)
        taken[i] = 0;
    for (unsigned i = 0; i < count; i++)
        thread[i] = start_on(0, false, occupy, NULL); /* whose processor this loop has */
    await_count(&started, count, "threads on idle processors");
    count_up(&stop);
    for (unsigned i = 0; i < count; i++)
        end_of(thread[i], "thread that was taken");
    if (smp_count() <= THREADS_MAX)
        for (unsigned i = 1; i < smp_count(); i++)
            expect_equal(taken[i], 1, "threads that processor %u took", i);
}

static void sleep_here(void *number)
{
    for (unsigned i = 0; i < 5; i++) {
        uint64_t begin = time_us(), us = 100 + 300 * i;

        thread_sleep(us);
        if (time_us() - begin < us)
            test_fail("a sleep of %lu us took %lu us", us, time_us() - begin);
        expect_equal(cpu_number(), (uintptr_t)number, "processor behind a sleep");
    }
}

SMP_TEST(smp_thread_sleep, "A sleeper wakes on its own processor, where nobody else does anything")
{
    struct thread *thread[THREADS_MAX];
    unsigned count = smp_count() < THREADS_MAX ? smp_count() : THREADS_MAX;

    SKIP_UNLESS(time_us(), "no clock");
    for (uintptr_t i = 0; i < count; i++)
        thread[i] = start_on((unsigned)i, true, sleep_here, (void *)i);
    for (unsigned i = 0; i < count; i++)
        end_of(thread[i], "sleeper");
}

/* One ends at once, one has to be waited for. */
static void end_late(void *lap)
{
    if ((uintptr_t)lap % 2)
        thread_sleep(50);
}

/* On each processor, as a thread and as a job: short threads on the next one, one after the other. */
static void join_laps(void *laps)
{
    for (uintptr_t i = 0; i < (uintptr_t)laps; i++)
        end_of(start_on((cpu_number() + 1 + i % 2) % smp_count(), i % 3, end_late, (void *)i),
               "short thread");
}

SMP_TEST(smp_thread_join, "Threads wait for the ends of threads on other processors, all at once")
{
    struct thread *thread[4];

    for (unsigned i = 0; i < 4; i++)
        thread[i] = start_on(i % smp_count(), true, join_laps, (void *)20);
    for (unsigned i = 0; i < 4; i++)
        end_of(thread[i], "thread that joins");
}

static void join_in_job(unsigned index, void *unused)
{
    uint64_t begin = time_us();

    (void)unused;
    thread_sleep(500);
    if (time_us() && time_us() - begin < 500)
        test_fail("a sleep of 500 us took %lu us in a job", time_us() - begin);
    for (unsigned i = 0; i < 4 && index < 4; i++) /* the first processor waits for the jobs */
        end_of(start_on(1 + (index + i) % (smp_count() - 1), i % 2, end_late, NULL), "short thread");
}

SMP_TEST(smp_thread_job, "A job sleeps and joins threads as a thread does")
{
    REQUIRE(together(smp_count(), join_in_job, NULL));
}

static struct keyed keyed;

static void die(void *open)
{
    thread_current->may_die = true;
    if (open)
        REQUIRE(pks_mk_readonly(keyed.key) == PKS_OK);
    *keyed.memory = 1;
}

static unsigned deeper(unsigned levels)
{
    volatile uint8_t room[512] = {0};

    return levels ? deeper(levels - 1) + room[levels % sizeof(room)] : 0;
}

static void overflow(void *unused)
{
    (void)unused;
    thread_current->may_die = true;
    deeper(4 * X86_STACK_SIZE / 512);
}

static void check_death(unsigned number, void (*function)(void *), void *argument, fault_t want)
{
    struct thread *thread = start_on(number, true, function, argument);
    struct trap_frame last = {0};

    expect_equal(thread_join(thread, &last), THREAD_DIED, "end on processor %u", number);
    expect_equal(trap_fault(&last), want, "what ended it on processor %u", number);
    if (cpu.pks)
        expect_equal(pkrs_elsewhere(number), PKRS_DEFAULT, "PKRS of processor %u afterwards", number);
}

SMP_TEST(smp_thread_dies, "A thread that dies on another processor dies alone, whatever it had open")
{
    for (unsigned i = 1; i < smp_count(); i++)
        check_death(i, overflow, NULL, FAULT(X86_VEC_DF, 0));
    SKIP_UNLESS(cpu.pks, "no pks");
    if (!keyed_make(&keyed, "dies", 0, LEVEL_4K))
        return;
    for (unsigned i = 1; i < smp_count(); i++) {
        check_death(i, die, NULL, FAULT_KEY_WRITE);
        check_death(i, die, &keyed, FAULT_KEY_WRITE);
    }
    keyed_drop(&keyed);
}
