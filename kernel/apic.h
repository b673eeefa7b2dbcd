#pragma once
/*
 * The local APIC of this processor: its timer, interrupts to itself, and the end of interrupts; the PICs,
 * which are not used. xAPIC, or x2APIC where the firmware hands it over enabled.
 */

#include "trap.h"

#include <stdbool.h>
#include <stdint.h>

/* Masks every line of both PICs and moves their vectors away from the exceptions'. Before interrupts are on
 * for the first time: firmware may have left the PIT's on. */
void pic_disable(void);

/*
 * Puts the local APIC into a known state, everything masked, at the first call, and says whether there
 * is an APIC. Called by whoever needs one, so that a machine without one can still run everything else.
 */
bool apic_open(void);

/* The same for each further processor, after the first one's; it takes over that one's mode. */
void apic_load(void);

/* One of its 32-bit registers, by X86_APIC_*. After apic_open(). */
uint32_t apic_read(unsigned reg);
void apic_write(unsigned reg, uint32_t value);

/* Interrupts on a vector every `us` microseconds (0: never again). False where neither the APIC nor a
 * reference clock for its timer is there, or the period cannot be counted. */
bool apic_timer_at(uint8_t vector, uint64_t us);

/* For whoever has the processor; kernel/watchdog.h uses the same timer where nobody does. */
static inline bool apic_timer(uint64_t us)
{
    return apic_timer_at(X86_VEC_TIMER, us);
}

/* The end of it, for whoever needs no clock; after apic_open(). */
void apic_stop(void);

/* This processor's ID, 8 bits wide in xAPIC mode. After apic_open(). */
uint32_t apic_id(void);

#define APIC_X2APIC_ONLY 255u /* and above: IDs that an xAPIC cannot address */

/* True in x2APIC mode, in which IDs have 32 bits. apic_x2apic() changes to it, on the first processor and
 * before any other one starts; false where CPUID shows none. */
bool apic_is_x2apic(void);
bool apic_x2apic(void);

/*
 * Sends an interrupt to the processor of that ID; returns when the APIC has taken it. `command` is a vector,
 * or X86_APIC_ICR_NMI, _INIT, _STARTUP with the page number. After apic_open().
 */
void apic_send(uint32_t id, uint32_t command);

/* Sends the vector, or an NMI, to this processor. */
void apic_send_self(uint8_t vector);
void apic_send_self_nmi(void);

/* What answers an interrupt that the APIC delivered; it has been told the end of the interrupt already. */
typedef void apic_handler(struct trap_frame *frame);

/* Installs it, NULL for none; the vector at 32 or above. */
void apic_set_handler(unsigned vector, apic_handler *handler);

/* For the trap path: true if the frame is an interrupt that the APIC or a PIC delivered. One that nobody
 * answers is counted, and so is a spurious one. */
bool apic_take(struct trap_frame *frame);

/* How many came that nobody asked for. */
unsigned apic_strays(void);

/* For the runner: stops the timer and removes every handler; true if there was one. */
bool apic_reset(void);
