/*
 * Rule 1 at every instruction, and rule 4 behind every one: an event that comes there runs with the default
 * rights, its frame holds a value that is right at this point, and what was interrupted ends as if nothing
 * had come.
 *
 * Single-stepping finds the instructions. It shows each of them to a #DB handler, but repairs at one what it
 * broke at the one before, because every return writes the register and its copy. So a second pass runs at
 * full speed up to one instruction, lets an NMI arrive there and nowhere else, and runs on: once with a
 * handler that leaves the rights alone, and once with one that opens everything for itself.
 */
#include "apic.h"
#include "event_sweep_inner.h"

static const struct sweep_path *path;

/* Who takes the processor where a path is preempted. Nothing but its own rights ever opens the upper keys. */
#define BYSTANDER_SHIFT PKR_SHIFT(8)
static struct thread *bystander;
static bool stop;

/* Of the first pass. */
static struct {
    unsigned value; /* where in the way's */
    unsigned steps;
} now;

static void step(struct trap_frame *frame, void *unused)
{
    const struct sweep_value *value = &sweep_now->value[now.value];
    const struct sweep_visit *visit;

    (void)unused;
    step_on(frame);
    sweep_check_inside(frame);
    sweep_meet(frame);
    if (now.steps++ % 2)
        pkrs_write(0); /* the handler's own */
    if (!sweep_fits(frame, value)) {
        if (value[1].pkrs && sweep_fits(frame, &value[1]))
            now.value++;
        else
            sweep_found(frame, "interrupted rights", frame->pkrs, value->pkrs);
    }
    if (sweep_now->one_run)
        sweep_expect_nmi();
    visit = sweep_record(frame);
    if (visit && sweep_now->one_run)
        sweep_send_nmi(visit);
}

/* Takes turns with everything open, to be the one that preempts. */
static void bystand(void *unused)
{
    (void)unused;
    pkrs_write(0);
    while (!*(volatile bool *)&stop) {
        pkrs_read_checked("bystander");
        expect_equal(pks_copy >> BYSTANDER_SHIFT, 0, "bystander: PKRS");
        thread_yield();
    }
}

bool sweep_begin(const struct sweep_path *new_path)
{
    if (!cpu.pks)
        test_skip("no pks");
    else if (!apic_open())
        test_skip("no local APIC");
    if (!cpu.pks || !apic_open())
        return false;
    sweep_record_begin(path = new_path);
    if (path->preempt) {
        stop = false;
        bystander = thread_create("bystander", bystand, NULL);
        REQUIRE(bystander);
    }
    return true;
}

void sweep_way(const struct sweep_way *way)
{
    sweep_now = way;
    now.value = now.steps = 0;
    sweep_record_way();
    way->prepare();
    sweep_events_begin();
    step_run(way->run, NULL, step, NULL, way->entry);
    if (now.value + 1 < SWEEP_VALUES && way->value[now.value + 1].pkrs)
        test_fail("%s: ends with value %u of those that were to follow one another", way->name, now.value);
    sweep_finish("stepped");
    if (!way->one_run)
        sweep_events(path->preempt);
    sweep_events_end();
}

void sweep_end(void)
{
    if (path->preempt) {
        stop = true;
        thread_join(bystander, NULL);
    }
    sweep_report(path);
}
