#include "denied_tables.h"

#include "desc.h"
#include "keyed.h"
#include "string.h"
#include "user_code.h"

#define SLOT 8u

static struct table_register gdtr, idtr;

uint64_t table_address(void)
{
    return window_address(WINDOW_LOW, SLOT);
}

unsigned table_move(enum denied_table table)
{
    int key = pks_key_alloc_default("table", PKS_READONLY);
    uint64_t memory = target_memory();
    uint64_t va = table_address();
    struct entry page = PAGE_KERNEL_PKEY((unsigned)key);

    page.address = memory;
    if (key <= 0 || !memory || pks_page_map(va, LEVEL_4K, page, NULL) != PKS_OK) {
        test_error("no page with a key for a table");
        return 0;
    }
    keyed_supervise(space_current(), va);
    gdtr = gdtr_read();
    idtr = idtr_read();
    switch (table) {
    case TABLE_GDT:
        memcpy((void *)memory, (const void *)gdtr.base, gdtr.limit + 1u);
        gdtr_write((struct table_register){.limit = gdtr.limit, .base = va});
        break;
    case TABLE_IDT:
        idt_set_stack(X86_VEC_BP, STACK_SPARE);
        idt_set_user(X86_VEC_USER_RETURN, true);
        memcpy((void *)memory, (const void *)idtr.base, idtr.limit + 1u);
        idtr_write((struct table_register){.limit = idtr.limit, .base = va});
        break;
    default:
        tss_load((void *)memory, va, TSS_SIZE - 1);
        break;
    }
    return (unsigned)key;
}

void table_restore(enum denied_table table, unsigned key)
{
    gdtr_write(gdtr);
    idtr_write(idtr);
    if (table == TABLE_TSS)
        tss_restore();
    idt_set_stack(X86_VEC_BP, STACK_NONE);
    idt_set_user(X86_VEC_USER_RETURN, false);
    REQUIRE(pks_page_unmap(table_address()) == PKS_OK);
    REQUIRE(pks_key_free(key) == PKS_OK);
}

fault_t table_event_plain(void)
{
    return probe(PROBE_ud2, 0, 0).fault;
}

static fault_t seen;

static bool see(struct trap_frame *frame)
{
    seen = trap_fault(frame);
    return true;
}

fault_t table_event_ist(void)
{
    seen = FAULT_NONE;
    trap_set_handler(X86_VEC_BP, see);
    idt_set_stack(X86_VEC_BP, STACK_SPARE);
    __asm__ volatile("int3" : : : "memory");
    trap_set_handler(X86_VEC_BP, NULL);
    return seen;
}

fault_t table_event_user(void)
{
    uint64_t code = user_code_map();
    struct outcome o = user_code_probe(USER_read8, code, window_address(WINDOW_LOW, SLOT + 1), 0);

    page_unmap(space_current(), code);
    return o.fault;
}
