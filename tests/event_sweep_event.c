#include "apic.h"
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

static void stop_at(struct trap_frame *frame, void *unused)
{
    (void)unused;
    sweep_meet(frame);
    if (frame->rip != now.target.rip || ++now.hits != now.target.nth)
        return;
    step_stop(AT_TARGET);
    if (now.event == PREEMPTION)
        apic_send_self(VECTOR_PREEMPT);
    else
        sweep_send_nmi(&now.target);
}

static void run_with(enum event event, const struct sweep_visit *visit)
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
    step_at(sweep_now->run, NULL, stop_at, NULL, breakpoint);
    irq_disable();
}

static void interrupt(enum event event, const struct sweep_visit *visit)
{
    for (unsigned attempt = 0; attempt < TRIES; attempt++) {
        run_with(event, visit);
        if (now.arrived)
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
