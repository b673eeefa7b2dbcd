/*
 * Interrupts: every software interrupt, an interrupt and an NMI that the processor sends to itself, the
 * APIC's timer. The self-sent ones are pending when the program starts and arrive at its first instruction:
 * the interrupt because the frame's EFLAGS.IF is set, the NMI because an NMI handler's IRET starts the
 * program (SDM volume 3, "Handling Multiple NMIs").
 */
#include "apic.h"
#include "event_test.h"

EVENT_LABELS(wait);
extern const char event_int[];

#define INT_SIZE 2u /* and INT n to end it */
#define TIMER_US 150u
#define SOFTWARE 32u /* the first vector that is nobody's */

static void take(struct trap_frame *frame)
{
    event_take(frame);
}

static void send_self(void)
{
    apic_send_self(X86_VEC_SELF);
}

static void start_timer(void)
{
    apic_timer(TIMER_US);
}

static void stop_timer(void)
{
    apic_timer(0);
}

TEST(event_vector_int, "Every software interrupt from 32 to 255")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    if (!event_open())
        return;
    for (unsigned vector = SOFTWARE; vector < X86_VECTORS; vector++) {
        const char *at = event_int + (vector - SOFTWARE) * 2 * INT_SIZE;
        struct event event = {.about = "int",
                              .at = at,
                              .next = at + INT_SIZE,
                              .vector = vector,
                              .modes = EVENT_64,
                              .trap = true};

        event_run_all(&event);
        test_alive();
    }
    event_close();
}

TEST(event_vector_self, "An interrupt that the processor sends to itself")
{
    static const struct event event = {.about = "self",
                                       EVENT_PLACE(wait),
                                       .vector = X86_VEC_SELF,
                                       .modes = EVENT_64,
                                       .flags = X86_EFLAGS_IF,
                                       .pending = send_self,
                                       .by_apic = true};

    SKIP_UNLESS(apic_open(), "no apic");
    apic_set_handler(X86_VEC_SELF, take);
    event_check(&event);
    apic_set_handler(X86_VEC_SELF, NULL);
}

TEST(event_vector_timer, "An interrupt of the APIC's timer")
{
    static const struct event event = {.about = "timer",
                                       EVENT_PLACE(wait),
                                       .vector = X86_VEC_TIMER,
                                       .modes = EVENT_64,
                                       .flags = X86_EFLAGS_IF,
                                       .pending = start_timer,
                                       .undo = stop_timer,
                                       .by_apic = true};

    SKIP_UNLESS(apic_timer(0), "no timer");
    apic_set_handler(X86_VEC_TIMER, take);
    event_check(&event);
    apic_set_handler(X86_VEC_TIMER, NULL);
}

TEST(event_vector_nmi, "An NMI, at the first instruction behind the IRET of another one")
{
    static const struct event event = {.about = "nmi",
                                       EVENT_PLACE(wait),
                                       .vector = X86_VEC_NMI,
                                       .modes = EVENT_64,
                                       .pending = apic_send_self_nmi,
                                       .by_nmi = true};

    SKIP_UNLESS(apic_open(), "no apic");
    event_check(&event);
}
