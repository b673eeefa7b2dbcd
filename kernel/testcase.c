#include "testcase.h"

#include "cpu.h"
#include "format.h"
#include "log.h"
#include "run.h"
#include "spin.h"
#include "time.h"
#include "watchdog.h"

#define ALIVE_US  1900000u
#define WORDS_MAX 12 /* lines of failure that one test may print; the rest is counted */

static const struct args *args;
static struct spin lock; /* any processor may say something about the test */

/* The running test. */
static struct record {
    unsigned levels;
    unsigned words;
    bool quiet;
    uint64_t alive_us; /* when it last said so */
    enum verdict verdict;
    char reason[96];
} now;

void test_configure(const struct args *command_line)
{
    args = command_line;
}

const struct args *test_args(void)
{
    return args;
}

void test_begin(unsigned levels)
{
    now.levels = levels;
    now.words = 0;
    now.quiet = false;
    now.alive_us = time_us();
    now.verdict = VERDICT_PASS;
    now.reason[0] = '\0';
}

enum verdict test_end(const char **reason)
{
    if (now.words > WORDS_MAX)
        log_line("# and %u more lines like these", now.words - WORDS_MAX);
    *reason = now.reason;
    return now.verdict;
}

static void worsen(enum verdict verdict, const char *reason)
{
    uint64_t flags = irq_save();
    bool entered = spin_enter(&lock); /* handlers of NMIs may have something to say too */

    if (verdict > now.verdict) {
        now.verdict = verdict;
        format(now.reason, sizeof(now.reason), "%s", reason);
    }
    if (entered)
        spin_release(&lock);
    irq_restore(flags);
}

static void say(const char *kind, enum verdict verdict, const char *fmt, va_list list)
{
    char text[512];

    vformat(text, sizeof(text), fmt, list);
    worsen(verdict, text);
    if (!now.quiet && __atomic_fetch_add(&now.words, 1, __ATOMIC_RELAXED) < WORDS_MAX)
        log_line("# %s %s", kind, text);
}

void test_fail(const char *fmt, ...)
{
    va_list list;

    va_start(list, fmt);
    say("fail", VERDICT_FAIL, fmt, list);
    va_end(list);
}

void test_error(const char *fmt, ...)
{
    va_list list;

    va_start(list, fmt);
    say("error", VERDICT_ERROR, fmt, list);
    va_end(list);
}

void test_broken(const char *reason)
{
    now.verdict = VERDICT_PASS;
    worsen(VERDICT_ERROR, reason);
}

void test_skip(const char *reason)
{
    worsen(VERDICT_SKIP, reason);
}

void test_note(const char *fmt, ...)
{
    char text[512];
    va_list list;

    va_start(list, fmt);
    vformat(text, sizeof(text), fmt, list);
    va_end(list);
    log_line("# @ %s", text);
}

void test_alive(void)
{
    uint64_t us = time_us();

    watchdog_progress();
    if (us - now.alive_us < ALIVE_US)
        return;
    now.alive_us = us;
    watchdog_restart();
    log_line("# @ alive");
}

enum verdict test_verdict(void)
{
    return now.verdict;
}

enum verdict test_rehearse(void (*function)(void *), void *argument)
{
    struct record outer = now;
    enum verdict verdict;

    now.quiet = true;
    now.verdict = VERDICT_SKIP; /* not a pass: the first word of a failure may bring a report along */
    function(argument);
    verdict = now.verdict;
    now = outer;
    return verdict;
}

void test_armed(void)
{
    run_armed();
    log_line("# @ death armed");
}

unsigned test_levels(void)
{
    return now.levels;
}

uint64_t test_seed(void)
{
    return args->seed;
}

unsigned test_effort(unsigned iterations)
{
    uint64_t scaled = (uint64_t)iterations * args->effort / 100;

    return scaled ? (unsigned)scaled : 1;
}
