/*
 * The processor reads the IDT, the GDT (for CS) and, where an event needs another stack, the TSS, as implicit
 * supervisor-mode accesses under the interrupted context's PKRS (SDM volume 3, "Access Rights"). Where they
 * are denied, #PF needs the same table, #DF too, and the processor shuts down ("Double Fault Exception"). The
 * same set-ups with tables that may be read are alive in event_denial_tables.c.
 */
#include "denied_tables.h"
#include "desc.h"
#include "event_denial.h"
#include "ist.h"

/* #PF takes the current stack, or the spare IST one. */
static void die(enum denied_table table, enum stack_id fault_stack, fault_t (*event)(void))
{
    unsigned key;

    SKIP_UNLESS(cpu.pks, "no pks");
    idt_set_stack(X86_VEC_PF, fault_stack);
    key = table_move(table);
    if (!key)
        return;
    pks_mk_noaccess(key);
    test_armed();
    event();
}

DEATH_TEST(death_gdt_denied, "An event with the GDT denied shuts the processor down")
{
    die(TABLE_GDT, STACK_NONE, table_event_plain);
}

DEATH_TEST(death_idt_denied, "An event with the IDT denied shuts the processor down")
{
    die(TABLE_IDT, STACK_NONE, table_event_plain);
}

DEATH_TEST(death_tss_ist_denied,
           "An event that needs an IST stack, as its #PF does, with the TSS denied, shuts the processor down")
{
    die(TABLE_TSS, STACK_SPARE, table_event_ist); /* without: event_denial_tss_ist */
}

DEATH_TEST(death_tss_rsp0_denied, "An event from CPL 3 with the TSS denied shuts the processor down")
{
    die(TABLE_TSS, STACK_NONE, table_event_user);
}

DEATH_TEST(death_double_fault_stack_denied,
           "An event with the current stack and #DF's IST stack denied shuts the processor down")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    if (!attempt_open("stack"))
        return;
    ist_set(STACK_DF, attempt_page_end() - X86_IRET_SPACE);
    test_armed();
    attempt_run(event_denied_int, attempt_page_end() - X86_IRET_SPACE - X86_PAGE_SIZE / 2, PKS_NOACCESS);
}
