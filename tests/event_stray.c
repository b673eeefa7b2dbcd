/*
 * Interrupts that nobody asked for, as firmware and devices leave them behind: each is counted once, ended at
 * the APIC, so that the next one of its priority can come, and changes nothing else.
 */
#include "apic.h"
#include "test.h"

#define NOBODYS 0xf1 /* a vector without a handler, of the highest priority class */
#define ROUNDS  3u
#define POLLS   1000000u

TEST(event_stray, "An interrupt without a handler is counted and ended, and does not end the test")
{
    SKIP_UNLESS(apic_open(), "no apic");
    irq_enable();
    for (unsigned i = 0; i < ROUNDS; i++) {
        unsigned before = apic_strays();

        apic_send_self(NOBODYS);
        for (unsigned polls = 0; polls < POLLS && apic_strays() == before; polls++)
            __asm__ volatile("pause");
        expect_equal(apic_strays() - before, 1, "interrupts counted, round %u", i);
    }
    irq_disable();
}
