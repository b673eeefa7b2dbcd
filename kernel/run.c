#include "run.h"

#include "cpu.h"
#include "exit.h"
#include "journal_page.h"
#include "log.h"

extern const char build_id[]; /* build/build_id.c */

static struct journal run;

void run_begin(const char *line)
{
    static bool begun;
    struct journal earlier;
    char text[128];

    if (begun)
        return;
    begun = true;
    run = journal_begin(build_id, suite_build(), line ? line : "");
    if (line && journal_page_read(&earlier) && journal_same_run(&earlier, &run)) {
        run = earlier;
        journal_next_boot(&run);
    } else {
        tap_start(&run.tap, cpu_entropy());
        run.seed = cpu_entropy();
    }
    journal_page_write(&run);
    tap_begin(&run.tap, text, sizeof(text), run.boot, build_id, run.suite);
    log_line("%s", "");
    log_line("%s", text);
}

unsigned run_boot(void)
{
    return run.boot;
}

uint64_t run_seed(void)
{
    return run.seed;
}

void run_plan(unsigned tests, const char *reason)
{
    char line[64];

    if (run.planned)
        return;
    log_line("TAP version 13");
    tap_plan(&run.tap, line, sizeof(line), tests, reason);
    log_line("%s", line);
    run.planned = 1;
    journal_page_write(&run);
}

bool run_gave_up(void)
{
    return run.deaths >= JOURNAL_DEATHS_MAX;
}

unsigned run_go_on(const struct suite *suite)
{
    const struct suite_item *guilty = run.running ? &suite->item[run.running - 1] : NULL;

    log_line("# @ journal page=0x%lx boot=%u deaths=%u died_in=%s", journal_page(), run.boot, run.deaths,
             guilty ? guilty->id : "none");
    if (guilty)
        run_result(guilty, run.armed ? VERDICT_PASS : VERDICT_ERROR, "crash");
    run.running = run.armed = 0;
    journal_page_write(&run);
    if (run_gave_up() && !run.tap.lines)
        refuse("journal: the machine started again %u times before the first test", run.deaths);
    if (run_gave_up())
        log_line("# @ journal gave up after %u deaths: the rest is not tried", run.deaths);
    return run.tap.lines;
}

void run_test(const struct suite_item *item)
{
    run.running = run.tap.lines + 1;
    run.armed = 0;
    journal_page_write(&run);
    log_line("# RUN %u %s", run.running, item->id);
}

void run_armed(void)
{
    run.armed = 1;
    journal_page_write(&run);
}

void run_result(const struct suite_item *item, enum verdict verdict, const char *reason)
{
    char line[256];

    tap_result(&run.tap, line, sizeof(line), item->id, verdict, reason);
    log_line("%s", line);
}

void run_timeout(const struct suite_item *item)
{
    run_result(item, VERDICT_ERROR, "timeout");
    run.running = run.armed = 0;
    journal_page_write(&run);
}

enum verdict run_end(void)
{
    char line[256];

    tap_end(&run.tap, line, sizeof(line));
    log_line("%s", line);
    journal_page_clear();
    return tap_verdict(&run.tap);
}
