/*
 * The processor pushes an event's frame as a supervisor-mode write under the rights of the interrupted
 * context (SDM volume 3, "Protection Keys" and "Access Rights": event delivery does not change PKRS). Where
 * they deny the stack, the event is not delivered: #PF instead, and where that cannot be pushed either, #DF
 * ("Conditions for Generating a Double Fault"). The state that #DF saves is undefined ("Double Fault
 * Exception"), so RIP is not compared there; that nothing else is lost is.
 *
 * That the LDT and the I/O bitmap can be denied and it is no more than a #PF is in rights_descriptor.c and
 * rights_io_bitmap.c; what the GDT, the IDT and the TSS come to is in death_tables.c.
 */
#include "apic.h"
#include "desc.h"
#include "event_denial.h"
#include "ist.h"

#define BELOW 0x200u /* of the end of the kernel's stack: RSP */

static const enum pks_rights denials[] = {PKS_NOACCESS, PKS_READONLY};
/* RSP from the page's end: well inside, at the end, and on the open page above with room for two words. */
static const int64_t depths[] = {-0x200, 0, 16};

static const struct {
    const char *at;
    unsigned vector;
} causes[] = {{event_denied_int, X86_VEC_EVENT_START}, {event_denied_ud, X86_VEC_UD}};

/* Each cause, each denial, each RSP; the caller has set the gates. */
static void each(void (*check)(const char *at, uint64_t rsp, enum pks_rights rights), enum stack_id event,
                 enum stack_id fault)
{
    if (!attempt_open("stack"))
        return;
    for (unsigned c = 0; c < sizeof(causes) / sizeof(causes[0]); c++) {
        idt_set_stack(causes[c].vector, event);
        idt_set_stack(X86_VEC_PF, fault);
        for (unsigned d = 0; d < sizeof(denials) / sizeof(denials[0]); d++)
            for (unsigned i = 0; i < sizeof(depths) / sizeof(depths[0]); i++)
                check(causes[c].at, attempt_page_end() + (uint64_t)depths[i], denials[d]);
        idt_set_stack(X86_VEC_PF, STACK_NONE);
        idt_set_stack(causes[c].vector, STACK_NONE);
    }
    attempt_close();
}

static void check_double(const char *at, uint64_t rsp, enum pks_rights rights)
{
    attempt_run(at, rsp, rights);
    expect_equal(attempt.events, 0, "events");
    expect_equal(attempt.faults, 0, "#PF");
    expect_equal(attempt.doubles, 1, "#DF");
    expect_equal(attempt.twice.code, 0, "error code of #DF");
    expect_equal(pkr_get((uint32_t)attempt.twice.pkrs, attempt.keyed.key), rights, "rights in #DF's frame");
    expect_equal(attempt.twice.rsp, rsp, "rsp in #DF's frame");
}

TEST(event_denial_double, "The current stack is denied to the event and to its #PF: #DF, and nothing is lost")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    each(check_double, STACK_NONE, STACK_NONE);
}

static void check_event(const char *at, uint64_t rsp, enum pks_rights rights)
{
    attempt_run(at, rsp, rights);
    expect_equal(attempt.events, 1, "events");
    expect_equal(attempt.faults + attempt.doubles, 0, "#PF and #DF");
    expect_equal(attempt.event.rsp, rsp, "rsp in the event's frame");
    expect_equal(pkr_get((uint32_t)attempt.event.pkrs, attempt.keyed.key), rights, "rights in the frame");
}

TEST(event_denial_event_ist,
     "The current stack is denied and the event has a stack of its own: it arrives there")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    each(check_event, STACK_SPARE, STACK_NONE);
}

static void check_fault(const char *at, uint64_t rsp, enum pks_rights rights)
{
    uint64_t end = attempt_page_end();
    uint64_t top = rsp < end ? rsp : end;

    attempt.opens = false;
    attempt_run(at, rsp, rights);
    expect_equal(attempt.events + attempt.doubles, 0, "events and #DF");
    attempt_check_fault(at, rsp, top, rights);

    attempt.opens = true;
    attempt_run(at, rsp, rights);
    expect_equal(attempt.events, 1, "events when #PF's handler has opened the stack");
    expect_equal(attempt.doubles, 0, "#DF");
    attempt_check_fault(at, rsp, top, rights);
    expect_equal(attempt.event.rsp, rsp, "rsp in the event's frame");
}

TEST(event_denial_fault_ist,
     "#PF has a stack of its own: it reports the push, and the event can be had again")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    each(check_fault, STACK_NONE, STACK_SPARE);
}

/* The IST stack is what is denied; the current one is the kernel's. */
static void check_ist(const char *at, uint64_t page, enum pks_rights rights)
{
    uint64_t rsp = stack_top(STACK_ENTRY) - BELOW;
    uint64_t top =
        page <= attempt_page_end() ? page - X86_IRET_SPACE : page; /* room for a copy of the frame */

    for (unsigned opens = 0; opens < 2; opens++) {
        attempt.opens = opens;
        ist_set(STACK_SPARE, top);
        attempt_run(at, rsp, rights);
        expect_equal(ist_get(STACK_SPARE), top, "IST pointer");
        ist_set(STACK_SPARE, ist_top(STACK_SPARE));
        expect_equal(attempt.events, opens, "events");
        expect_equal(attempt.doubles, 0, "#DF");
        attempt_check_fault(at, rsp, top < attempt_page_end() ? top : attempt_page_end(), rights);
    }
}

TEST(event_denial_ist, "An IST stack is denied: #PF on the current one, and the event can be had again")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    each(check_ist, STACK_SPARE, STACK_NONE);
}

static unsigned nmis, faults;

static bool count_nmi(struct trap_frame *frame)
{
    (void)frame;
    nmis++;
    return true;
}

static bool open_stack(struct trap_frame *frame)
{
    faults++;
    return pks_update_exception(frame, attempt.keyed.key, PKS_READWRITE) == PKS_OK;
}

/* An NMI cannot be had again by restarting an instruction, and no title says that it stays pending. */
TEST(event_denial_ist_nmi, "The NMI's IST stack is denied: #PF; whether the NMI is lost is observed")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    SKIP_UNLESS(apic_open(), "no apic");
    if (!attempt_open("nmi stack"))
        return;
    nmis = faults = 0;
    trap_set_handler(X86_VEC_NMI, count_nmi);
    trap_set_handler(X86_VEC_PF, open_stack);
    ist_set(STACK_NMI, attempt_page_end() - X86_IRET_SPACE);
    pks_mk_noaccess(attempt.keyed.key);
    apic_send_self_nmi();
    probe(PROBE_ud2, 0, 0); /* an IRET, in case NMIs are still blocked */
    ist_set(STACK_NMI, ist_top(STACK_NMI));
    expect_equal(faults, 1, "#PF of the push");
    test_note("observe id=nmi_stack_denied nmis=%u", nmis);
    nmis = 0;
    apic_send_self_nmi();
    expect_equal(nmis, 1, "NMIs on a stack that is open");
    trap_set_handler(X86_VEC_PF, NULL);
    trap_set_handler(X86_VEC_NMI, NULL);
    pks_mk_readwrite(attempt.keyed.key);
    attempt_close();
}
