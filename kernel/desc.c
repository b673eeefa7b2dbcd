/* Sources: Intel SDM volume 3, "Segment Descriptor Tables in IA-32e Mode", "64-Bit Mode TSS", "64-Bit IDT
 * Gate Descriptors". */

#include "desc.h"

#include "cpu.h"
#include "exit.h"
#include "ist.h"
#include "string.h"

#include <stddef.h>

_Static_assert(STACK_ENTRY == 6, "IST numbers 1 to 5");

struct gate {
    uint16_t offset0;
    uint16_t selector;
    uint8_t ist;
    uint8_t type; /* P, DPL, 64-bit interrupt gate */
    uint16_t offset1;
    uint32_t offset2;
    uint32_t reserved;
};
_Static_assert(sizeof(struct gate) == 16, "64-bit gate");

#define GATE_INTERRUPT 0x8e
#define GATE_DPL_USER  0x60
#define GATE_PRESENT   0x80
#define SYSTEM_TSS     0x89ull
#define SYSTEM_LDT     0x82ull

static struct gate idt[X86_VECTORS] __attribute__((aligned(16)));
static struct gate idt_parked[X86_VECTORS] __attribute__((aligned(16)));
static const uint64_t segments[X86_GDT_SIZE / 8] = {
    [X86_SEG_CODE64 / 8] = 0x00af9b000000ffff,       [X86_SEG_DATA / 8] = 0x00cf93000000ffff,
    [X86_SEG_CODE32 / 8] = 0x00cf9b000000ffff, /* for boot/la57.asm */
    [X86_SEG_USER_DATA / 8] = 0x00cff3000000ffff,    [X86_SEG_USER_CODE64 / 8] = 0x00affb000000ffff,
    [X86_SEG_RING1_CODE64 / 8] = 0x00afbb000000ffff, /* 1 and 2 for kernel/fastprobe.c */
    [X86_SEG_RING1_DATA / 8] = 0x00cfb3000000ffff,   [X86_SEG_RING2_CODE64 / 8] = 0x00afdb000000ffff,
    [X86_SEG_RING2_DATA / 8] = 0x00cfd3000000ffff,
};

extern const char trap_stubs[], trap_spare_stubs[], parked_entry[];
extern const uint64_t trap_stub_size, trap_spare_stub_size;
extern const char *const trap_ist_entry[];

/* A 16-byte system descriptor: TSS or LDT. */
static void gdt_set_system(unsigned selector, uint64_t base, uint32_t limit, uint64_t type)
{
    uint64_t *gdt = this_cpu()->gdt;

    gdt[selector / 8] =
        (limit & 0xffff) | (base & 0xffffff) << 16 | type << 40 | (uint64_t)(base >> 24 & 0xff) << 56;
    gdt[selector / 8 + 1] = base >> 32;
}

static void gate_point(struct gate *gate, uint64_t entry)
{
    gate->offset0 = entry & 0xffff;
    gate->offset1 = entry >> 16 & 0xffff;
    gate->offset2 = entry >> 32 & 0xffffffff;
}

static enum stack_id stack_normal(unsigned vector)
{
    static const uint8_t stack[X86_VECTORS] = {
        [X86_VEC_DF] = STACK_DF,
        [X86_VEC_NMI] = STACK_NMI,
        [X86_VEC_MC] = STACK_MC,
        [X86_VEC_DB] = STACK_DB,
    };

    return stack[vector];
}

static void gate_set_stack(struct gate *gate, unsigned vector, enum stack_id id)
{
    const char *entry = id == STACK_NONE    ? trap_stubs + vector * trap_stub_size
                        : id == STACK_SPARE ? trap_spare_stubs + vector * trap_spare_stub_size
                                            : trap_ist_entry[id];

    gate->ist = id;
    gate_point(gate, (uintptr_t)entry);
}

static struct gate gate_normal(unsigned vector)
{
    struct gate gate = {.selector = X86_SEG_CODE64, .type = GATE_INTERRUPT};

    gate_set_stack(&gate, vector, stack_normal(vector));
    return gate;
}

void desc_init(void)
{
    for (unsigned vector = 0; vector < X86_VECTORS; vector++)
        idt_parked[vector] = idt[vector] = gate_normal(vector);
    gate_point(&idt_parked[X86_VEC_WATCH], (uintptr_t)parked_entry);
    gate_point(&idt_parked[X86_VEC_CALL], (uintptr_t)parked_entry);
}

void idt_load_parked(bool parked)
{
    idtr_write(
        (struct table_register){.limit = sizeof(idt) - 1, .base = (uintptr_t)(parked ? idt_parked : idt)});
}

void desc_load(struct percpu *block)
{
    block->self = block;
    memcpy(block->gdt, segments, sizeof(segments));
    msr_write(X86_MSR_GS_BASE, (uintptr_t)block);
    block->tss.rsp[0] = stack_top(STACK_ENTRY);
    block->tss.io_bitmap = sizeof(block->tss);
    for (unsigned id = STACK_DF; id < STACK_ENTRY; id++)
        ist_set(id, ist_top(id));
    gdtr_write((struct table_register){.limit = sizeof(block->gdt) - 1, .base = (uintptr_t)block->gdt});
    desc_reload_segments();
    tss_restore();
    ldtr_write(0);
    idt_load_parked(false);
}

void idt_set_stack(unsigned vector, enum stack_id id)
{
    if (id != STACK_NONE && id != STACK_SPARE && id != stack_normal(vector))
        refuse("desc: IST %u is not for vector %u", id, vector);
    gate_set_stack(&idt[vector], vector, id);
}

enum stack_id idt_stack(unsigned vector)
{
    return idt[vector].ist;
}

uint64_t ist_get(enum stack_id id)
{
    return this_cpu()->tss.ist[id - 1];
}

void ist_set(enum stack_id id, uint64_t top)
{
    this_cpu()->tss.ist[id - 1] = top;
}

void idt_set_ist(unsigned vector, unsigned ist)
{
    idt[vector].ist = (uint8_t)ist;
}

void idt_set_present(unsigned vector, bool present)
{
    idt[vector].type = (uint8_t)with_bit(idt[vector].type, GATE_PRESENT, present);
}

void idt_set_user(unsigned vector, bool allowed)
{
    idt[vector].type = GATE_INTERRUPT | (allowed ? GATE_DPL_USER : 0);
}

void idt_set_entry(unsigned vector, const char *entry)
{
    gate_point(&idt[vector], (uintptr_t)entry);
}

bool idt_reset(void)
{
    bool any = false;

    for (unsigned vector = 0; vector < X86_VECTORS; vector++) {
        struct gate normal = gate_normal(vector);

        any |= memcmp(&idt[vector], &normal, sizeof(normal)) != 0;
        idt[vector] = normal;
    }
    return any;
}

void tss_restore(void)
{
    /* LTR wants a TSS that is not busy, and marks it */
    gdt_set_system(X86_SEG_TSS, (uintptr_t)&this_cpu()->tss, TSS_SIZE - 1, SYSTEM_TSS);
    tr_write(X86_SEG_TSS);
}

void tss_load(void *memory, uint64_t base, uint16_t limit)
{
    memcpy(memory, &this_cpu()->tss, TSS_SIZE); /* its I/O bitmap starts at its end already */
    gdt_set_system(X86_SEG_TEST_TSS, base, limit, SYSTEM_TSS);
    tr_write(X86_SEG_TEST_TSS);
}

void ldt_load(uint64_t base, uint16_t limit)
{
    if (base || limit) {
        gdt_set_system(X86_SEG_LDT, base, limit, SYSTEM_LDT);
        ldtr_write(X86_SEG_LDT);
    } else {
        ldtr_write(0);
    }
}
