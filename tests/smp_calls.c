/*
 * The calls and jobs that processors give each other.
 *
 * A call is answered in an interrupt's handler, or where the other processor waits for a lock; in both cases
 * it has the default rights and not those of the thread that runs there, and what it opens stays with it. An
 * exception in a call or a job ends that alone. Whatever still runs on a processor that is to be parked ends.
 */
#include "smp_idle.h"
#include "threads.h"
#include "time.h"

#define CALLS 30u

static struct keyed keyed, other;
static unsigned stop, begun, calls;

/* Leaves the locks to others. None is fair: where two processors share one core of a host, whoever holds a
 * lock may be stopped in it each time, so a call that waits for long gets a time longer than what a host
 * gives each. */
static void leave_locks(bool long_enough)
{
    uint64_t start = time_us();

    do
        for (unsigned i = 0; i < 50; i++)
            spin_pause();
    while (long_enough && start && time_us() - start < 20000);
}

/* Takes and gives back locks that others want too, with a key open. */
static void fight_for_locks(void *unused)
{
    uint32_t opened = pkr_set(PKRS_DEFAULT, keyed.key, PKS_READWRITE);
    unsigned call = 0, rounds = 0;

    (void)unused;
    REQUIRE(pks_mk_readwrite(keyed.key) == PKS_OK);
    count_up(&begun);
    while (!count_now(&stop)) {
        rounds = call == count_now(&calls) ? rounds + 1 : 0;
        call = count_now(&calls);
        if (cpu_number() <= 2)
            (void)pks_page_set_key(keyed.va, keyed.key);
        thread_yield();
        leave_locks(rounds > 20);
        expect_equal(pkrs_read_checked("between calls"), opened, "PKRS of a thread that answers calls");
    }
}

static unsigned answered;

static void open_in_call(void *unused)
{
    (void)unused;
    expect_equal(pkrs_read_checked("in a call"), PKRS_DEFAULT, "PKRS of a call");
    keyed_expect(&other, PKS_NOACCESS, "a call");
    REQUIRE(pks_mk_readwrite(other.key) == PKS_OK);
    count_up(&answered);
}

SMP_TEST(smp_call_rights, "A call has the default rights wherever it is answered, and leaves none behind")
{
    struct thread *thread[THREADS_MAX];
    unsigned count = smp_count() - 1 < THREADS_MAX ? smp_count() - 1 : THREADS_MAX;

    SKIP_UNLESS(cpu.pks, "no pks");
    if (!keyed_make(&keyed, "thread's", 0, LEVEL_4K) || !keyed_make(&other, "call's", 1, LEVEL_4K))
        return;
    stop = begun = answered = calls = 0;
    for (unsigned i = 0; i < count; i++)
        thread[i] = start_on(i + 1, true, fight_for_locks, NULL);
    await_count(&begun, count, "threads");
    for (unsigned i = 0; i < CALLS && test_verdict() == VERDICT_PASS; i++, count_up(&calls))
        smp_call(1 + i % (smp_count() - 1), open_in_call, NULL);
    count_up(&stop);
    for (unsigned i = 0; i < count; i++)
        end_of(thread[i], "thread that answered calls");
    expect_equal(answered, CALLS, "calls");
    keyed_drop(&other);
    keyed_drop(&keyed);
}

static void open_and_end(void *unused)
{
    (void)unused;
    expect_equal(pkrs_read_checked("in a job"), PKRS_DEFAULT, "PKRS of a job");
    REQUIRE(pks_mk_readwrite(keyed.key) == PKS_OK);
}

SMP_TEST(smp_job_rights,
         "A job's rights end with it, and the next one on its processor starts with the default")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    if (!keyed_make(&keyed, "job's", 0, LEVEL_4K))
        return;
    for (unsigned i = 0; i < 3 * smp_count(); i++) {
        unsigned number = 1 + i % (smp_count() - 1);

        smp_start(number, open_and_end, NULL);
        REQUIRE(smp_wait(number));
        expect_equal(pkrs_elsewhere(number), PKRS_DEFAULT, "PKRS behind a job");
    }
    keyed_drop(&keyed);
}

static void run_on(void *unused)
{
    (void)unused;
    count_up(&begun);
    while (!count_now(&stop))
        spin_pause();
}

/* A thread that has processor 1 until `stop` counts. */
static struct thread *occupy(void)
{
    struct thread *thread;

    stop = begun = 0;
    thread = start_on(1, true, run_on, NULL);
    await_count(&begun, 1, "a thread");
    return thread;
}

SMP_TEST(smp_job_behind,
         "A job that comes while a thread has the processor starts when the thread gives it up")
{
    struct thread *thread = occupy();

    smp_start(1, run_on, NULL); /* whose kick meets the thread */
    count_up(&stop);
    await_count(&begun, 2, "a job behind it");
    smp_kick(1); /* so that the test ends in any case */
    REQUIRE(smp_wait(1));
    end_of(thread, "a thread with a job behind it");
}

static void undefined(void *unused)
{
    (void)unused;
    __asm__ volatile("ud2");
}

static void call_undefined(void *number)
{
    smp_call((unsigned)(uintptr_t)number, undefined, NULL);
}

SMP_TEST(smp_call_breaks,
         "An exception in a call is an error of the test, and ends neither caller nor interrupted")
{
    struct thread *thread = occupy();

    test_note("the report that follows is wanted: smp_call_breaks runs UD2");
    expect_equal(test_rehearse(call_undefined, (void *)1), VERDICT_ERROR, "verdict of the call");
    count_up(&stop);
    end_of(thread, "interrupted thread");
    smp_start(1, undefined, NULL);
    expect_equal(smp_wait(1), false, "a job that breaks has returned");
    smp_start(1, run_on, NULL);
    REQUIRE(smp_wait(1));
}

/* What a test leaves running when it breaks. */
SMP_TEST(smp_park_ends, "Parking ends what still runs: a job, a thread that yields, and one that does not")
{
    struct thread *thread[2];
    unsigned number;
    const char *left;

    stop = begun = 0;
    smp_start(smp_count() - 1, run_on, NULL);
    thread[0] = start_on(1, true, run_on, NULL);
    await_count(&begun, smp_count() > 2 ? 2 : 1, "a job and a thread");
    smp_park();
    left = smp_left(&number);
    REQUIRE(left);
    expect_equal(number, smp_count() - 1, "processor that had a job");
    smp_wake();
    expect_equal(smp_wait(smp_count() - 1), false, "the job has returned");
    count_up(&stop);
    thread[1] = start_on(smp_count() - 1, true, run_on, NULL);
    (void)thread_join(thread[0], NULL); /* died, or returned where it had not begun */
    end_of(thread[1], "thread of a processor that was parked");
}
