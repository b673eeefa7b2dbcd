/*
 * An event between a WRMSR of PKRS and the store to its software copy, in both directions: what counts is the
 * register. Linux' series of 2021 looked at the copy there, in an order that left the key open in the handler
 * while it was being closed, and loaded the wrong rights behind it.
 */
#include "apic.h"
#include "desc.h"
#include "keyed.h"
#include "rng.h"

static struct {
    uint32_t rights;
    unsigned events;
    struct keyed keyed;
} now;

static bool handle(struct trap_frame *frame)
{
    if (frame->rip == probe_address(PROBE_read8) || frame->rip == probe_address(PROBE_write8))
        return false;
    now.events++;
    expect_equal(frame->pkrs, now.rights, "PKRS in the frame");
    expect_equal(pkrs_read_checked("handler"), pks_default, "PKRS in the handler");
    keyed_expect(&now.keyed, PKS_NOACCESS, "handler");
    return true;
}

static void on_apic(struct trap_frame *frame)
{
    handle(frame);
}

static void raise_int(void)
{
    __asm__ volatile("int3" : : : "memory");
}

static void raise_self(void)
{
    apic_send_self(X86_VEC_SELF);
    irq_enable();
    __asm__ volatile("nop" : : : "memory");
    irq_disable();
}

/* The register holds one value and the copy another one when the event comes. */
static void check(void (*raise)(void), uint32_t rights, uint32_t copy)
{
    now.rights = rights;
    now.events = 0;
    msr_write(X86_MSR_IA32_PKRS, rights);
    pks_copy = copy;
    raise();
    expect_equal(now.events, 1, "events");
    expect_equal(pkrs_read_checked("afterwards"), rights, "PKRS afterwards, copy 0x%x before", copy);
    pkrs_write(pks_default);
}

static void check_all(unsigned vector, void (*raise)(void))
{
    const enum stack_id stack = idt_stack(vector);
    uint64_t random = test_seed();

    if (!keyed_make(&now.keyed, "copy", 0, LEVEL_4K))
        return;
    for (unsigned other = 0; other < 2; other++) {
        idt_set_stack(vector, !other ? stack : stack == STACK_NONE ? STACK_SPARE : STACK_NONE);
        check(raise, 0, pks_default); /* opening, or closing in the wrong order */
        check(raise, pks_default, 0);
        for (unsigned i = 0; i < test_effort(16); i++)
            check(raise, pkr_set((uint32_t)rng_next(&random), 0, 0),
                  pkr_set((uint32_t)rng_next(&random), 0, 0));
    }
    idt_set_stack(vector, stack);
    keyed_drop(&now.keyed);
}

TEST(event_copy_exception, "An exception while the copy of PKRS is not true")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    trap_set_handler(X86_VEC_BP, handle);
    check_all(X86_VEC_BP, raise_int);
    trap_set_handler(X86_VEC_BP, NULL);
}

TEST(event_copy_interrupt, "An interrupt while the copy of PKRS is not true")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    SKIP_UNLESS(apic_open(), "no apic");
    apic_set_handler(X86_VEC_SELF, on_apic);
    check_all(X86_VEC_SELF, raise_self);
    apic_set_handler(X86_VEC_SELF, NULL);
}

TEST(event_copy_nmi, "An NMI while the copy of PKRS is not true")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    SKIP_UNLESS(apic_open(), "no apic");
    trap_set_handler(X86_VEC_NMI, handle);
    check_all(X86_VEC_NMI, apic_send_self_nmi);
    trap_set_handler(X86_VEC_NMI, NULL);
}
