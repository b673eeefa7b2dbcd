#include "apic.h"
#include "event_breakpoint.h"
#include "event_nmi.h"
#include "event_sweep_inner.h"

#define VECTOR_PREEMPT 0x93
#define TRIES          8u /* the APIC may take its time on a real machine */

extern const char *const trap_ist_entry[], *const trap_ist_entered[]; /* kernel/trap.asm */

enum { AT_TARGET, AT_MEETING }; /* breakpoints */

static const enum event { NMI, NMI_OPENS, PREEMPTION, EVENTS } all_events[] = {NMI, NMI_OPENS, PREEMPTION};
static const char *const event_name[EVENTS] = {"NMI", "NMI that opens everything and faults", "preemption"};

static struct {
    struct sweep_visit target;
    enum event event;
    unsigned hits;    /* of the target's address */
    unsigned arrived; /* events */
    bool sent;
    unsigned misses; /* breakpoints cannot be relied on */
    trap_handler *previous;
} now;

/*
 * Where an NMI arrives that is to come at an instruction: there. The first one of an entry on a stack of its
 * own has been carried out by the handler of the #DB before it (kernel/ist.h): no way leads to that boundary.
 */
static uint64_t arrival(uint64_t rip)
{
    for (enum stack_id id = STACK_DF; id < STACK_SPARE; id++)
        if (rip == (uintptr_t)trap_ist_entry[id])
            return (uintptr_t)trap_ist_entered[id];
    return rip;
}

void sweep_send_nmi(const struct sweep_visit *visit)
{
    now.target = *visit;
    now.arrived = 0;
    now.sent = event_nmi_at_return();
    if (!now.sent)
        test_error("no NMI came at all");
}

void sweep_expect_nmi(void)
{
    uint64_t offset;
    const char *name = sweep_place(now.target.rip, &offset);

    if (now.target.rip && now.arrived != 1)
        test_fail("%s: %u NMIs at %s+0x%lx, visit %u of it", sweep_now->name, now.arrived, name, offset,
                  now.target.nth);
    now.target.rip = 0;
}

static bool take_nmi(struct trap_frame *frame)
{
    sweep_check_inside(frame);
    if (!now.sent)
        return true; /* the way's own */
    now.sent = false;
    if (frame->rip == arrival(now.target.rip)) {
        now.arrived++;
        sweep_record_nmi(frame->rip);
        if (!sweep_fits(frame, &now.target.value))
            sweep_found(frame, "rights interrupted by NMI", frame->pkrs, now.target.value.pkrs);
    }
    if (now.event == NMI_OPENS) {
        pkrs_write(0);
        probe(PROBE_read8, window_address(WINDOW_HIGH, 5), 0); /* it has no page; and its IRET lets NMIs in */
    }
    return true;
}

/* Comes where interrupts are on, at the target or later. */
static void take_interrupt(struct trap_frame *frame)
{
    sweep_check_inside(frame);
    now.arrived++;
    thread_yield();
    sweep_check_inside(frame);
}

/* True if the event is to come here. */
static bool reached(struct trap_frame *frame)
{
    sweep_meet(frame);
    return frame->rip == now.target.rip && ++now.hits == now.target.nth;
}

static void raise_event(void)
{
    if (now.event == PREEMPTION)
        apic_send_self(VECTOR_PREEMPT);
    else
        sweep_send_nmi(&now.target);
}

static void stop_at(struct trap_frame *frame, void *unused)
{
    (void)unused;
    if (reached(frame)) {
        step_stop(AT_TARGET);
        raise_event();
    }
}

static void walk_to(struct trap_frame *frame, void *unused)
{
    (void)unused;
    step_on(frame);
    if (reached(frame))
        raise_event();
}

static void run_with(enum event event, const struct sweep_visit *visit, bool stepping)
{
    const void *const breakpoint[STEP_BREAKPOINTS] = {
        [AT_TARGET] = (const void *)visit->rip,
        [AT_MEETING] = sweep_now->meet != (const void *)visit->rip ? sweep_now->meet : NULL,
    };

    now.target = *visit;
    now.event = event;
    now.hits = now.arrived = 0;
    sweep_now->prepare();
    if (event == PREEMPTION)
        irq_enable();
    if (stepping)
        step_run(sweep_now->run, NULL, walk_to, NULL, sweep_now->entry);
    else
        step_at(sweep_now->run, NULL, stop_at, NULL, breakpoint);
    irq_disable();
}

/* True if the run was not the one that was asked for: its breakpoint was not met, or not each time. */
static bool lost(const struct sweep_visit *visit)
{
    return now.hits < visit->nth || (now.misses && sweep_found_any());
}

/* What a breakpoint does not find is found in single steps. */
static void interrupt(enum event event, const struct sweep_visit *visit)
{
    bool stepping = false;

    for (unsigned attempt = 0; attempt < TRIES; attempt++) {
        run_with(event, visit, stepping);
        if (!stepping && lost(visit)) {
            stepping = true;
            sweep_record_lost();
            sweep_forget();
        } else if (now.arrived)
            break;
    }
    if (event == PREEMPTION)
        expect_equal(now.arrived, 1, "%s: interrupts that came", sweep_now->name);
    else
        sweep_expect_nmi();
    sweep_finish(event_name[event]);
    now.target.rip = 0;
}

void sweep_events_begin(void)
{
    now.misses = event_breakpoint_misses();
    now.event = NMI;
    now.target.rip = now.sent = false;
    now.previous = trap_set_handler(X86_VEC_NMI, take_nmi);
    apic_set_handler(VECTOR_PREEMPT, take_interrupt);
}

void sweep_events(bool preempt)
{
    for (unsigned i = 0; i < sweep_visits(); i++)
        for (unsigned event = 0; event < (preempt ? EVENTS : PREEMPTION); event++) {
            interrupt(all_events[event], sweep_visit(i));
            test_alive();
        }
}

void sweep_events_end(void)
{
    trap_set_handler(X86_VEC_NMI, now.previous);
    apic_set_handler(VECTOR_PREEMPT, NULL);
}
