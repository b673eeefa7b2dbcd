#include "runner.h"

#include "apic.h"
#include "console.h"
#include "cpu.h"
#include "escape.h"
#include "fingerprint.h"
#include "firmware.h"
#include "handed.h"
#include "kmap.h"
#include "log.h"
#include "machine.h"
#include "machine_check.h"
#include "memory.h"
#include "pks/pks.h"
#include "pks/rules.h"
#include "probe.h"
#include "run.h"
#include "smp.h"
#include "smp_idle.h"
#include "string.h"
#include "testcase.h"
#include "thread.h"
#include "trap.h"
#include "user.h"
#include "watchdog.h"
#include "window.h"

static void run_body(void *test)
{
    ((const struct test *)test)->run();
}

/* Takes back whatever the test has set up outside of the processor's registers; what it should not have left.
 */
static const char *take_back(void)
{
    bool handlers = trap_reset();
    bool interrupts = apic_reset();
    bool threads_left = thread_reset();
    bool keys = pks_reset();

    window_clear();
    return handlers ? "handler" : interrupts ? "interrupt" : threads_left ? "thread" : keys ? "key" : NULL;
}

/* Ends the part that the others took in the test. */
static void park_others(void)
{
    unsigned number;
    const char *left;

    smp_park();
    left = smp_left(&number);
    if (left)
        test_error("state %s of processor %u", left, number);
}

/* Runs the test between two snapshots of the machine; whatever it leaves behind is our error and is put back.
 */
static void run_guarded(const struct test *test)
{
    struct machine_state before = machine_read();
    struct machine_state after;
    const char *left = NULL;
    const char *left_elsewhere;
    bool broken;

    if (test->kind == TEST_SMP)
        smp_wake();
    broken = escape_call(&escape_test, run_body, (void *)(uintptr_t)test);
    if (broken) {
        probe_forget();
        user_forget();
        test_broken("exception");
    } else {
        after = machine_read();
        left = machine_difference(&before, &after);
    }
    if (pks_present)
        kernel_set_key(0);
    machine_restore(&before);
    if (broken)
        kernel_set_xd(true);
    if (test->kind == TEST_SMP)
        park_others();
    left_elsewhere = take_back();
    if (!left)
        left = left_elsewhere;
    if (left && !broken)
        test_error("state %s", left);
}

static const char *reason_to_skip(const struct suite_item *item, const struct args *args)
{
    if (run_gave_up())
        return "not tried after five deaths";
    if (item->test->kind == TEST_ONCE)
        return NULL;
    if (item->levels == 5 && args->paging == ARGS_PAGING_4)
        return "paging=4";
    if (item->levels == 4 && args->paging == ARGS_PAGING_5)
        return "paging=5";
    if (item->levels == 5 && !cpu.la57)
        return "no la57";
    if (item->test->kind == TEST_SMP && smp_count() == 1)
        return "one processor";
    if (item->test->kind == TEST_DEATH && strcmp(args->tests, item->id) != 0)
        return "needs a boot of its own";
    return NULL;
}

static void run_item(const struct suite_item *item, const struct args *args)
{
    const char *reason = reason_to_skip(item, args);
    enum verdict verdict;

    run_test(item);
    watchdog_begin(item);
    test_begin(item->levels);
    pks_set_mode(args->pks_relaxed ? PKS_RELAXED : PKS_STRICT);
    if (reason) {
        test_skip(reason);
    } else {
        if (space_current()->levels != item->levels && item->test->kind != TEST_ONCE)
            space_enter(kernel_space(item->levels));
        run_guarded(item->test);
        machine_check_settle();
        if (item->test->kind == TEST_DEATH && test_verdict() != VERDICT_SKIP)
            test_fail("the machine is still alive");
    }
    watchdog_end();
    verdict = test_end(&reason);
    run_result(item, verdict, reason);
}

/* Every selected test, and every rule of the oracle with what tries it. */
static void list(const struct suite *suite)
{
    for (unsigned i = 0; i < suite->count; i++)
        log_line("# @ list id=%s about=%s", suite->item[i].id, suite->item[i].test->about);
    for (unsigned id = 0; id < PKS_RULE_none; id++) {
        const struct pks_rule *rule = &pks_rules[id];
        unsigned rows = 0;

        for (unsigned i = 0; i < pks_golden_count; i++)
            rows += pks_golden[i].rule == id;
        log_line("# @ rule id=%s rows=%u tests=%s title=\"%s\" about=%s", rule->id, rows, rule->tests,
                 rule->title, rule->sentence);
    }
}

enum verdict runner_run(const struct args *args, const struct boot_info *boot)
{
    const struct suite *suite = suite_select(args);
    unsigned done;

    test_configure(args);
    run_plan(args->list ? 0 : suite->count, args->list ? "list" : suite->count ? NULL : "no test selected");
    fingerprint_print(boot);
    console_print();
    firmware_print();
    memory_print();
    handed_print();
    smp_print();
    machine_check_print();
    watchdog_print();
    log_line("# @ line %s", boot->line);
    log_line("# @ seed=0x%lx effort=%u%%", args->seed, args->effort);
    if (args->list)
        list(suite);
    done = run_go_on(suite);
    for (unsigned i = done; i < suite->count && !args->list; i++)
        run_item(&suite->item[i], args);
    log_line("# @ interrupts strays=%u", apic_strays()); /* those that event_stray makes included */
    return run_end();
}
