#pragma once
/* Descriptor tables: GDT, TSS with its IST stacks, IDT, and an LDT slot for tests. */

#include "percpu.h"

#include <stdbool.h>
#include <stdint.h>

/* An 8-byte code or data segment descriptor. Source: Intel SDM volume 3, "Segment Descriptors". */
#define SEGMENT_DATA_USER 0x00cff2000000ffff /* flat, writable, DPL 3, accessed bit clear */
#define SEGMENT_DPL_USER  0x0000600000000000

/* Builds the IDT, which all processors share. Once. */
void desc_init(void);

/*
 * Makes a block, of which the number, the thread and the stacks are set, this processor's: fills in its GDT
 * and its TSS, loads both and the IDT, and reloads the segment registers. Context: every processor once,
 * interrupts off, GS null.
 */
void desc_load(struct percpu *block);

/* CS, SS, DS and ES from the kernel's GDT, FS null; GS has the base of the processor's block. */
void desc_reload_segments(void);

/* The IST stack that a vector's gate uses from now on: the one that belongs to it, STACK_SPARE, or STACK_NONE
 * for the current stack. The gate leads to the common stubs. */
void idt_set_stack(unsigned vector, enum stack_id id);

/* The one it uses now. */
enum stack_id idt_stack(unsigned vector);

/* Lets code at CPL 3 raise the vector with INT n, or not. */
void idt_set_user(unsigned vector, bool allowed);

/* The IST number alone, for events that are not to be delivered. */
void idt_set_ist(unsigned vector, unsigned ist);

/* Whether the gate is present. */
void idt_set_present(unsigned vector, bool present);

/* The code that a vector enters from now on, instead of the common stubs. */
void idt_set_entry(unsigned vector, const char *entry);

/*
 * Loads another IDT on this processor, which no test changes, or the common one again. In it X86_VEC_WATCH
 * and X86_VEC_CALL enter kernel/parked_entry.asm, which leaves the rights alone; all else is as desc_init()
 * sets it. For processors that are parked while a test may have any gate in its hands.
 */
void idt_load_parked(bool parked);

/* Puts entries, stacks and privileges of all gates back to what desc_init() set; true if any differed. */
bool idt_reset(void);

/*
 * Writes a copy of the kernel's TSS, TSS_SIZE bytes with an I/O permission bitmap that starts right behind
 * them, to `memory`, which is mapped at the linear address `base`, and loads TR with it. `limit` decides how
 * far the bitmap goes.
 */
void tss_load(void *memory, uint64_t base, uint16_t limit);

/* Loads TR with the kernel's own TSS again. */
void tss_restore(void);

/* Makes LDTR describe `limit + 1` bytes at a linear address; base 0 with limit 0 unloads it. */
void ldt_load(uint64_t base, uint16_t limit);
