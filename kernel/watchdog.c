#include "watchdog.h"

#include "apic.h"
#include "cpu.h"
#include "deadman.h"
#include "exit.h"
#include "format.h"
#include "log.h"
#include "panic.h"
#include "run.h"
#include "smp.h"
#include "smp_idle.h"
#include "spin.h"
#include "time.h"
#include "watchdog_ask.h"

#define LOOK_US     500000u
#define TICK_US     (LOOK_US + LOOK_US / 25) /* one that came too early would wait for the next one */
#define REPORTS_MAX 16u

enum { NO_TEST, TEST_RUNS, RUN_IS_OVER };

static unsigned state;
static const struct suite_item *test;
static unsigned limit_s = WATCHDOG_S;
static struct spin looking; /* guards the next four */
static uint64_t looked_us;
static uint64_t seen;  /* progress of all processors */
static unsigned looks; /* in a row that saw no more than that */
static unsigned all_looks;
static bool by_timer;
static const char *no_nmi; /* why the HPET's does not come, NULL if it does */

static uint64_t all_progress(void)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < smp_count(); i++)
        sum += __atomic_load_n(&percpu_of(i)->progress, __ATOMIC_RELAXED);
    return sum;
}

/* The first processor has a test to run even where it waits for others. */
static bool busy(unsigned number)
{
    const struct percpu *there = percpu_of(number);

    return !number || (!there->parked && (there->thread != there->idle || there->job));
}

static void tell(const struct trap_frame *frame)
{
    panic_frame(frame, NULL);
}

/* `frame` is where an NMI has interrupted this processor, NULL if it has time to look by itself. */
static void report(unsigned number, const struct trap_frame *frame)
{
    log_line("# ! watchdog: test %s has made no progress for %u s on processor %u", test->id, limit_s,
             number);
    if (frame && number == cpu_number()) {
        tell(frame);
        return;
    }
    switch (watchdog_ask(number, tell, true)) {
    case ANSWER_NONE:
        log_line("# ! processor %u does not answer an NMI: nothing more is known of it", number);
        break;
    case ANSWER_UNFINISHED:
        log_seize();
        log_line("# ! processor %u does not come to the end of its answer", number);
        break;
    case ANSWER_DONE:
        break;
    }
}

/* The end, unless another processor is at it already, or the test has ended after all. */
static void give_up(const struct trap_frame *frame)
{
    unsigned runs = TEST_RUNS;
    unsigned reports = 0;

    if (!__atomic_compare_exchange_n(&state, &runs, RUN_IS_OVER, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
        return;
    log_seize();
    for (unsigned i = 0; i < smp_count(); i++)
        if (busy(i) && reports++ < REPORTS_MAX)
            report(i, frame);
    if (reports > REPORTS_MAX)
        log_line("# ! %u more processors are busy", reports - REPORTS_MAX);
    run_timeout(test);
    leave_unfinished();
}

void watchdog_look(void)
{
    uint64_t now = time_us();
    uint64_t sum;
    bool over;

    if (__atomic_load_n(&state, __ATOMIC_ACQUIRE) != TEST_RUNS || (int64_t)(now - looked_us) < LOOK_US ||
        !spin_try(&looking))
        return;
    sum = all_progress();
    looks = sum == seen ? looks + 1 : 0;
    seen = sum;
    looked_us = now;
    all_looks++;
    over = (uint64_t)looks * LOOK_US >= limit_s * 1000000u;
    spin_release(&looking);
    if (over)
        give_up(NULL);
}

void watchdog_tick(void)
{
    apic_write(X86_APIC_EOI, 0);
    watchdog_look();
}

static void tick_awake(struct trap_frame *frame)
{
    (void)frame;
    watchdog_look();
}

void watchdog_parked(void)
{
    if (cpu_number() == smp_count() - 1)
        by_timer = apic_timer_at(X86_VEC_WATCH, TICK_US);
}

bool watchdog_take(struct trap_frame *frame)
{
    unsigned quiet;

    if (frame->vector != X86_VEC_NMI)
        return false;
    if (watchdog_answer(frame))
        return true;
    if (!deadman_take(all_progress(), &quiet))
        return false;
    if (quiet * DEADMAN_S >= limit_s)
        give_up(frame);
    return true;
}

void watchdog_restart(void)
{
    deadman_restart(all_progress());
}

void watchdog_begin(const struct suite_item *item)
{
    test = item;
    watchdog_progress();
    watchdog_restart();
    __atomic_store_n(&state, TEST_RUNS, __ATOMIC_RELEASE);
}

void watchdog_end(void)
{
    unsigned runs = TEST_RUNS;

    if (!__atomic_compare_exchange_n(&state, &runs, NO_TEST, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
        cpu_halt_forever(); /* another processor says so */
    deadman_stop();
}

void watchdog_over(void)
{
    static struct spin ending; /* its holder ends the run */

    if (!spin_held(&ending) && !spin_try(&ending))
        cpu_halt_forever();
    __atomic_store_n(&state, RUN_IS_OVER, __ATOMIC_RELEASE);
    deadman_stop();
    for (unsigned i = 0; i < smp_count(); i++)
        if (i != cpu_number() && !__atomic_load_n(&percpu_of(i)->parked, __ATOMIC_ACQUIRE))
            watchdog_halt(i);
}

void watchdog_init(const struct boot_info *boot)
{
    no_nmi = !time_us() ? "no clock" : !apic_open() ? "no APIC" : deadman_open(boot);
    if (cpu.hypervisor[0] && smp_count() > WATCHDOG_S)
        limit_s = smp_count();
    if (smp_count() > 1)
        apic_set_handler(X86_VEC_WATCH, tick_awake);
}

unsigned watchdog_looks(void)
{
    return __atomic_load_n(&all_looks, __ATOMIC_RELAXED);
}

bool watchdog_has_timer(void)
{
    return by_timer;
}

void watchdog_print(void)
{
    char number[16] = "none";

    if (by_timer)
        format(number, sizeof(number), "%u", smp_count() - 1);
    if (no_nmi)
        log_line("# @ watchdog limit_s=%u processor=%s nmi=none why=%s", limit_s, number, no_nmi);
    else
        log_line("# @ watchdog limit_s=%u processor=%s nmi=%s", limit_s, number, deadman_way());
    if (!by_timer && no_nmi)
        log_line("# @ watchdog nobody watches: a test that hangs is left to the host's time limit");
}
