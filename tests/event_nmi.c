/*
 * The processor blocks NMIs from the delivery of one until the next IRET, and keeps one that comes meanwhile
 * (SDM volume 3, "Handling Multiple NMIs"). So a first NMI is taken here and left without an IRET; a second
 * one is sent, and waits; the IRET of the handler that called lets it in.
 */
#include "event_nmi.h"

#include "apic.h"
#include "cpu.h"
#include "desc.h"

bool event_nmi_block(void); /* tests/event_nmi.asm */
extern const char event_nmi_landing[];

struct gate_words {
    uint64_t word[2];
};

bool event_nmi_at_return(void)
{
    struct gate_words *gate = (struct gate_words *)idtr_read().base + X86_VEC_NMI;
    struct gate_words usual = *gate;
    bool blocked;

    if (!apic_open())
        return false;
    idt_set_entry(X86_VEC_NMI, event_nmi_landing);
    blocked = event_nmi_block();
    *gate = usual;
    if (blocked)
        apic_send_self_nmi();
    return blocked;
}
