/*
 * What a descriptor table on a page with a key allows: reading it is enough for every event; a TSS that is
 * denied does not matter to an event that does not need it, and is an ordinary #PF where one does whose #PF
 * does not. That every other event which needs a denied table is the end of the machine is in death_tables.c;
 * these tests show that it is the denial that ends it.
 */
#include "denied_tables.h"
#include "desc.h"

static void check_readable(enum denied_table table, const char *about)
{
    unsigned key = table_move(table);
    fault_t plain, ist, user;

    if (!key)
        return;
    plain = table_event_plain();
    ist = table_event_ist();
    user = table_event_user();
    table_restore(table, key);
    expect_equal(plain, FAULT(X86_VEC_UD, 0), "event on the current stack, %s", about);
    expect_equal(ist, FAULT(X86_VEC_BP, 0), "event on an IST stack, %s", about);
    expect_equal(user, FAULT_PF(X86_PF_U), "event from CPL 3, %s", about);
}

TEST(event_denial_tables_readable,
     "GDT, IDT and TSS on a page that may only be read: every event is delivered")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    check_readable(TABLE_GDT, "GDT");
    check_readable(TABLE_IDT, "IDT");
    check_readable(TABLE_TSS, "TSS");
}

TEST(event_denial_tss_unused, "A denied TSS does not matter to an event at CPL 0 on the current stack")
{
    unsigned key;
    fault_t fault;

    SKIP_UNLESS(cpu.pks, "no pks");
    key = table_move(TABLE_TSS);
    if (!key)
        return;
    pks_mk_noaccess(key);
    fault = table_event_plain();
    pks_mk_readonly(key);
    table_restore(TABLE_TSS, key);
    expect_equal(fault, FAULT(X86_VEC_UD, 0), "event");
}

static struct trap_frame fault;
static unsigned faults;
static unsigned table_key;

static bool open_table(struct trap_frame *frame)
{
    fault = *frame;
    faults++;
    expect_equal(msr_read(X86_MSR_IA32_PKRS), pks_default, "PKRS in #PF's handler");
    return pks_update_exception(frame, table_key, PKS_READONLY) == PKS_OK;
}

TEST(event_denial_tss_ist,
     "An event at CPL 0 that needs an IST stack, with the TSS denied: #PF, and it can be had again")
{
    uint64_t tss;
    fault_t event;

    SKIP_UNLESS(cpu.pks, "no pks");
    table_key = table_move(TABLE_TSS);
    if (!table_key)
        return;
    tss = table_address();
    faults = 0;
    trap_set_handler(X86_VEC_PF, open_table);
    pks_mk_noaccess(table_key);
    event = table_event_ist();
    trap_set_handler(X86_VEC_PF, NULL);
    expect_equal(pkr_get(pks_copy, table_key), PKS_READONLY, "rights after #PF's handler has given them");
    table_restore(TABLE_TSS, table_key);
    expect_equal(event, FAULT(X86_VEC_BP, 0), "event once the TSS can be read");
    expect_equal(faults, 1, "#PF");
    expect_equal(fault.code, X86_PF_P | X86_PF_PK, "error code of the read");
    if (fault.cr2 - (tss + X86_TSS_IST1 + 8 * (STACK_SPARE - 1)) >= 8)
        test_fail("cr2: want a byte of IST5 in the TSS at 0x%lx got 0x%lx", tss, fault.cr2);
    expect_equal(pkr_get((uint32_t)fault.pkrs, table_key), PKS_NOACCESS, "rights in the frame of the read");
}
