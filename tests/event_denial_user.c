/*
 * An event at CPL 3 is pushed on the stack at RSP0, as a supervisor-mode write under the rights that PKRS
 * holds while the program runs. Where they deny that stack, #PF and #DF follow as at CPL 0, #DF on its IST
 * stack, and the program has lost nothing.
 */
#include "desc.h"
#include "event.h"
#include "string.h"

EVENT_LABELS(gp_int);

static void deny_rsp0(const struct event *e)
{
    static uint8_t tss[TSS_SIZE] __attribute__((aligned(16)));
    uint64_t top = event_address(event_code) + X86_EVENT_KEYED + X86_PAGE_SIZE;

    (void)e;
    tss_load(tss, (uintptr_t)tss, TSS_SIZE - 1);
    memcpy(tss + X86_TSS_RSP0, &top, sizeof(top));
    idt_set_user(X86_VEC_EVENT_CLOSED, true);
}

static void restore_rsp0(void)
{
    tss_restore();
    idt_set_user(X86_VEC_EVENT_CLOSED, false);
}

TEST(event_denial_rsp0,
     "The stack for events from CPL 3 is denied: #DF, and the program goes on with all it had")
{
    static const struct event event = {.about = "rsp0",
                                       EVENT_PLACE(gp_int),
                                       .vector = X86_VEC_DF,
                                       .modes = EVENT_CPL3,
                                       .denied = true,
                                       .rip_open = true,
                                       .one_stack = true,
                                       .set_up = deny_rsp0,
                                       .undo = restore_rsp0};

    event_check(&event);
}
