/*
 * A second event on a stack of its own that is in use: kernel/ist.h says why it can come and what keeps the
 * first one's frame. Each handler lets the next event in, and then finds its frame, its rights and what it
 * kept on the stack as they were; so does the code that was interrupted first.
 */
#include "apic.h"
#include "desc.h"
#include "ist.h"
#include "keyed.h"
#include "step.h"
#include "string.h"

#define DEEP 3u /* events at once; a stack has four slices */

extern const char *const trap_ist_entry[], *const trap_ist_return[];

static struct {
    void (*raise)(void);
    unsigned depth, deepest, events;
    unsigned breaks;
    bool inside; /* the NMI is taken inside of #DB's handler */
    struct keyed keyed;
} test;

/* Raises the next event from inside a handler, and checks what the handler has afterwards. */
static void nest(struct trap_frame *frame)
{
    struct trap_frame before = *frame;
    uint64_t pointer = ist_get(idt_stack((unsigned)frame->vector));
    uint32_t rights = pkr_set(pks_default, test.keyed.key, test.depth % 2 ? X86_PKR_WD : 0);

    expect_equal(pkrs_read_checked("entry"), pks_default, "PKRS at entry");
    test.depth++;
    test.events++;
    if (test.depth > test.deepest)
        test.deepest = test.depth;
    pkrs_write(rights);
    keyed_read(&test.keyed); /* no fault: NMIs stay blocked */
    if (test.depth < DEEP) {
        probe(PROBE_ud2, 0, 0); /* its IRET lets NMIs in */
        test.raise();
    }
    test.depth--;
    expect_equal(pkrs_read_checked("after the next event"), rights, "PKRS at depth %u", test.depth);
    expect_equal(memcmp(frame, &before, sizeof(before)), 0, "difference in the frame at depth %u",
                 test.depth);
    expect_equal(ist_get(idt_stack((unsigned)frame->vector)), pointer, "IST pointer at depth %u", test.depth);
}

static bool handle(struct trap_frame *frame)
{
    if (frame->rip == probe_address(PROBE_ud2))
        return false;
    nest(frame);
    return true;
}

static void raise_int(void)
{
    __asm__ volatile("int %0" : : "i"(X86_VEC_EVENT_START) : "memory");
}

static bool handle_step(struct trap_frame *frame)
{
    frame->rflags &= ~(uint64_t)X86_EFLAGS_TF;
    return handle(frame);
}

static void raise_step(void)
{
    __asm__ volatile("pushfq; orl %0, (%%rsp); popfq; nop" : : "i"(X86_EFLAGS_TF) : "memory", "cc");
}

static void check(unsigned vector, trap_handler *handler, void (*raise)(void), unsigned events, bool nested)
{
    struct machine_state before = machine_read();
    struct machine_state after;
    uint32_t rights = 0;

    if (!keyed_make(&test.keyed, "ist", 0, LEVEL_4K))
        return;
    test.raise = raise;
    test.depth = test.deepest = test.events = test.breaks = 0;
    trap_set_handler(vector, handler);
    pkrs_write(rights);
    raise();
    expect_equal(pkrs_read_checked("interrupted code"), rights, "PKRS of the interrupted code");
    pkrs_write(pks_default);
    trap_set_handler(vector, NULL);
    after = machine_read();
    expect_equal(machine_difference(&before, &after) != NULL, false, "the machine has changed");
    expect_equal(test.events, events, "events");
    expect_equal(test.deepest, nested ? DEEP : 1, "events at once");
    for (enum stack_id id = STACK_DF; id < STACK_ENTRY; id++)
        expect_equal(ist_get(id), ist_top(id), "IST pointer %u", id);
    keyed_drop(&test.keyed);
}

TEST(event_nest_ist_nmi, "An NMI in an NMI in an NMI: each IRET in a handler lets the next one in")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    SKIP_UNLESS(apic_open(), "no apic");
    check(X86_VEC_NMI, handle, apic_send_self_nmi, DEEP, true);
}

TEST(event_nest_ist_debug, "#DB in #DB in #DB")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    check(X86_VEC_DB, handle_step, raise_step, DEEP, true);
}

TEST(event_nest_ist_spare, "A vector on the spare stack in its own handler, with #PF on that stack as well")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    idt_set_stack(X86_VEC_EVENT_START, STACK_SPARE);
    idt_set_stack(X86_VEC_UD, STACK_SPARE);
    check(X86_VEC_EVENT_START, handle, raise_int, DEEP, true);
    idt_set_stack(X86_VEC_EVENT_START, STACK_NONE);
    idt_set_stack(X86_VEC_UD, STACK_NONE);
}

/* A breakpoint on an instruction of the NMI's stub: in its handler an NMI is sent, which #DB's IRET lets in
 * at exactly that boundary, or, `inside`, an IRET before that. */
static bool send_at_breakpoint(struct trap_frame *frame)
{
    (void)frame;
    step_break_end();
    test.breaks++;
    if (test.inside)
        probe(PROBE_ud2, 0, 0);
    apic_send_self_nmi();
    return true;
}

static bool count_only(struct trap_frame *frame)
{
    struct trap_frame before = *frame;

    expect_equal(pkrs_read_checked("entry"), pks_default, "PKRS at entry");
    test.events++;
    test.deepest = 1;
    for (unsigned i = 0; i < 64; i++) /* room for a frame to be written over */
        __asm__ volatile("pushq %0; popq %0" : "+r"(before.vector) : : "memory");
    expect_equal(memcmp(frame, &before, sizeof(before)), 0, "difference in the frame");
    return true;
}

static void check_boundary(const char *at, bool inside)
{
    test.inside = inside;
    trap_set_handler(X86_VEC_DB, send_at_breakpoint);
    step_break((uintptr_t)at);
    check(X86_VEC_NMI, count_only, apic_send_self_nmi, 2, false);
    step_break_end();
    trap_set_handler(X86_VEC_DB, NULL);
    expect_equal(test.breaks, 1, "breakpoints met");
}

TEST(event_nest_ist_entry, "An NMI before the first instruction of an NMI's entry")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    SKIP_UNLESS(apic_open(), "no apic");
    check_boundary(trap_ist_entry[STACK_NMI], false);
    check_boundary(trap_ist_entry[STACK_NMI], true);
}

TEST(event_nest_ist_return, "An NMI before an NMI's IRET, and one in #DB's handler there")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    SKIP_UNLESS(apic_open(), "no apic");
    check_boundary(trap_ist_return[STACK_NMI], false);
    check_boundary(trap_ist_return[STACK_NMI], true);
}
