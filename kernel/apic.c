/* Sources: Intel SDM volume 3, "Advanced Programmable Interrupt Controller (APIC)"; Intel 8259A data sheet.
 */

#include "apic.h"

#include "apic_vectors.h"
#include "cpu.h"
#include "kmap.h"
#include "time.h"

#include <stddef.h>

#define PIC1_COMMAND   0x20
#define PIC1_DATA      0x21
#define PIC2_COMMAND   0xa0
#define PIC2_DATA      0xa1
#define PIC_INIT       0x11 /* edge, cascade, ICW4 follows */
#define PIC_CASCADE    2
#define PIC_8086       1
#define PIC_LINES      16u
#define CALIBRATION_US 10000u
#define APIC_SIZE      X86_PAGE_SIZE
#define XAPIC_ID_SHIFT 24
#define APIC_ADDRESS   0xffffff000ull

static volatile uint32_t *registers; /* NULL in x2APIC mode */
static bool is_open;
static uint64_t ticks_per_ms; /* of the timer, divided by 16; 0: not calibrated */
static apic_handler *handlers[X86_VECTORS];
static unsigned strays;

uint32_t apic_read(unsigned reg)
{
    return registers ? registers[reg / 4] : (uint32_t)msr_read(X86_MSR_X2APIC + reg / 16);
}

void apic_write(unsigned reg, uint32_t value)
{
    if (registers)
        registers[reg / 4] = value;
    else
        msr_write(X86_MSR_X2APIC + reg / 16, value);
}

/* Their vectors must not be those of exceptions, even masked: a spurious one can always come. */
void pic_disable(void)
{
    outb(PIC1_COMMAND, PIC_INIT);
    outb(PIC2_COMMAND, PIC_INIT);
    outb(PIC1_DATA, X86_VEC_PIC);
    outb(PIC2_DATA, X86_VEC_PIC + 8);
    outb(PIC1_DATA, 1 << PIC_CASCADE);
    outb(PIC2_DATA, PIC_CASCADE);
    outb(PIC1_DATA, PIC_8086);
    outb(PIC2_DATA, PIC_8086);
    outb(PIC1_DATA, 0xff);
    outb(PIC2_DATA, 0xff);
}

/* Masks all this processor could be interrupted by, and switches its APIC on. */
static void quiet(void)
{
    apic_mask_vectors();
    apic_write(X86_APIC_TIMER_INITIAL, 0);
    apic_write(X86_APIC_TPR, 0);
    apic_write(X86_APIC_SPURIOUS, X86_APIC_ENABLED | X86_VEC_SPURIOUS);
}

bool apic_open(void)
{
    uint64_t base;

    if (is_open)
        return true;
    if (!(cpuid(X86_CPUID_FEATURES, 0).edx & X86_CPUID_1_EDX_APIC))
        return false;
    base = msr_read(X86_MSR_APIC_BASE);
    if (!(base & X86_APIC_BASE_ENABLE))
        return false;
    if (!(base & X86_APIC_BASE_EXTD)) {
        registers = kernel_map_device(base & APIC_ADDRESS, APIC_SIZE);
        if (!registers)
            return false;
    }
    quiet();
    is_open = true;
    return true;
}

bool apic_is_x2apic(void)
{
    return is_open && !registers;
}

bool apic_x2apic(void)
{
    if (!apic_open() || apic_is_x2apic())
        return is_open;
    if (!(cpuid(X86_CPUID_FEATURES, 0).ecx & X86_CPUID_1_ECX_X2APIC))
        return false;
    msr_write(X86_MSR_APIC_BASE, msr_read(X86_MSR_APIC_BASE) | X86_APIC_BASE_EXTD);
    registers = NULL;
    quiet();
    return true;
}

void apic_load(void)
{
    uint64_t base = msr_read(X86_MSR_APIC_BASE);

    if (apic_is_x2apic() && !(base & X86_APIC_BASE_EXTD))
        msr_write(X86_MSR_APIC_BASE, base | X86_APIC_BASE_ENABLE | X86_APIC_BASE_EXTD);
    quiet();
}

/* The timer counts down at a rate of its own; time_us() is the reference. */
static bool calibrate(void)
{
    uint64_t start = time_us();
    uint64_t us = 0;

    if (ticks_per_ms || !start)
        return ticks_per_ms;
    apic_write(X86_APIC_TIMER_DIVIDE, X86_APIC_DIVIDE_BY_16);
    apic_write(X86_APIC_TIMER_INITIAL, UINT32_MAX);
    while (us < CALIBRATION_US)
        us = time_us() - start;
    ticks_per_ms = (uint64_t)(UINT32_MAX - apic_read(X86_APIC_TIMER_CURRENT)) * 1000 / us;
    apic_write(X86_APIC_TIMER_INITIAL, 0);
    return ticks_per_ms;
}

void apic_stop(void)
{
    apic_write(X86_APIC_LVT_TIMER, X86_APIC_MASKED);
    apic_write(X86_APIC_TIMER_INITIAL, 0);
}

bool apic_timer_at(uint8_t vector, uint64_t us)
{
    uint64_t count;

    if (!apic_open() || !calibrate())
        return false;
    apic_stop();
    if (!us)
        return true;
    count = ticks_per_ms * us / 1000;
    if (!count || count > UINT32_MAX)
        return false;
    apic_write(X86_APIC_TIMER_DIVIDE, X86_APIC_DIVIDE_BY_16); /* another processor may have calibrated */
    apic_write(X86_APIC_LVT_TIMER, X86_APIC_PERIODIC | vector);
    apic_write(X86_APIC_TIMER_INITIAL, (uint32_t)count);
    return true;
}

uint32_t apic_id(void)
{
    uint32_t id = apic_read(X86_APIC_ID);

    return registers ? id >> XAPIC_ID_SHIFT : id;
}

void apic_send(uint32_t id, uint32_t command)
{
    uint64_t flags = irq_save(); /* in xAPIC mode the command is two writes */

    if (registers) {
        apic_write(X86_APIC_ICR_HIGH, id << XAPIC_ID_SHIFT);
        apic_write(X86_APIC_ICR, X86_APIC_ICR_ASSERT | command);
        while (apic_read(X86_APIC_ICR) & X86_APIC_ICR_BUSY)
            __asm__ volatile("pause");
    } else {
        /* a WRMSR of these registers does not wait for earlier stores ("Extended XAPIC (x2APIC)") */
        __asm__ volatile("mfence; lfence" : : : "memory");
        msr_write(X86_MSR_X2APIC + X86_APIC_ICR / 16, (uint64_t)id << 32 | X86_APIC_ICR_ASSERT | command);
    }
    irq_restore(flags);
}

void apic_send_self(uint8_t vector)
{
    apic_send(apic_id(), vector);
}

void apic_send_self_nmi(void)
{
    apic_send(apic_id(), X86_APIC_ICR_NMI);
}

void apic_set_handler(unsigned vector, apic_handler *handler)
{
    handlers[vector] = handler;
}

static bool in_service(unsigned vector)
{
    return apic_read(X86_APIC_ISR + vector / 32 * 16) >> vector % 32 & 1;
}

/* On any processor. */
static void stray(void)
{
    __atomic_fetch_add(&strays, 1, __ATOMIC_RELAXED);
}

bool apic_take(struct trap_frame *frame)
{
    uint64_t vector = frame->vector;

    if (!is_open || vector < X86_VEC_PIC || vector >= X86_VECTORS)
        return false;
    if (in_service((unsigned)vector)) {
        apic_write(X86_APIC_EOI, 0);
        if (handlers[vector])
            handlers[vector](frame);
        else
            stray();
        return true;
    }
    if (vector != X86_VEC_SPURIOUS && vector >= X86_VEC_PIC + PIC_LINES)
        return false; /* INT n */
    stray();
    return true;
}

unsigned apic_strays(void)
{
    return strays;
}

bool apic_reset(void)
{
    bool any = false;

    for (unsigned vector = 0; vector < X86_VECTORS; vector++) {
        if (vector == X86_VEC_CALL || vector == X86_VEC_WATCH)
            continue; /* the kernel's own */
        any |= handlers[vector] != NULL;
        handlers[vector] = NULL;
    }
    if (is_open)
        apic_stop();
    return any;
}
