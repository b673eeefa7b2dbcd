#pragma once
/* Accessors for the processor's registers and instructions, and what CPUID says about it. No policy. */

#include "x86.h"

#include <stdbool.h>
#include <stdint.h>

struct cpu_features {
    char vendor[13];
    char hypervisor[13]; /* CPUID 0x40000000, "" where no hypervisor bit is set */
    char brand[49];      /* "" where there is none */
    unsigned family;
    unsigned model;
    unsigned stepping;
    unsigned physical_bits; /* MAXPHYADDR */
    bool pks, pku, la57, smep, smap, page_1g, rdrand;
    bool pcid, rdtscp, wrmsrns, cet_ss, cet_ibt, fred, lam;
};

extern struct cpu_features cpu; /* written once by cpu_detect() */

/* Fills in `cpu`. First call of the boot sequence. */
void cpu_detect(void);

/* Sets CR4.MCE where machine checks exist: with it clear, one shuts the processor down. */
void cpu_enable_machine_checks(void);

/* 64 bits that differ between two runs as far as the machine allows it (RDRAND where present, and the TSC).
 */
uint64_t cpu_entropy(void);

/* The value with a bit set or clear. */
static inline uint64_t with_bit(uint64_t value, uint64_t bit, bool on)
{
    return on ? value | bit : value & ~bit;
}

struct cpuid_regs {
    uint32_t eax, ebx, ecx, edx;
};

static inline struct cpuid_regs cpuid(uint32_t leaf, uint32_t subleaf)
{
    struct cpuid_regs r;

    __asm__ volatile("cpuid" : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx) : "a"(leaf), "c"(subleaf));
    return r;
}

#define CPU_CONTROL_REGISTER(n)                                                                              \
    static inline uint64_t cr##n##_read(void)                                                                \
    {                                                                                                        \
        uint64_t value;                                                                                      \
        __asm__ volatile("mov %%cr" #n ", %0" : "=r"(value) : : "memory");                                   \
        return value;                                                                                        \
    }                                                                                                        \
    static inline void cr##n##_write(uint64_t value)                                                         \
    {                                                                                                        \
        __asm__ volatile("mov %0, %%cr" #n : : "r"(value) : "memory");                                       \
    }

CPU_CONTROL_REGISTER(0)
CPU_CONTROL_REGISTER(2)
CPU_CONTROL_REGISTER(3)
CPU_CONTROL_REGISTER(4)

static inline uint64_t msr_read(uint32_t msr)
{
    uint32_t low, high;

    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr) : "memory");
    return (uint64_t)high << 32 | low;
}

static inline void msr_write(uint32_t msr, uint64_t value)
{
    __asm__ volatile("wrmsr" : : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)) : "memory");
}

static inline uint64_t dr7_read(void)
{
    uint64_t value;

    __asm__ volatile("mov %%dr7, %0" : "=r"(value));
    return value;
}

static inline void dr7_write(uint64_t value)
{
    __asm__ volatile("mov %0, %%dr7" : : "r"(value) : "memory");
}

/* WRMSR without its serialisation; needs CPUID's bit. */
static inline void msr_write_ns(uint32_t msr, uint64_t value)
{
    __asm__ volatile(".byte 0x0f, 0x01, 0xc6" /* wrmsrns */
                     :
                     : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
                     : "memory");
}

/* RDPKRU and WRPKRU need CR4.PKE = 1. */
static inline uint32_t pkru_read(void)
{
    uint32_t value, edx;

    __asm__ volatile("rdpkru" : "=a"(value), "=d"(edx) : "c"(0));
    return value;
}

static inline void pkru_write(uint32_t value)
{
    __asm__ volatile("wrpkru" : : "a"(value), "c"(0), "d"(0) : "memory");
}

/* Turns maskable interrupts off; returns the flags from before, for irq_restore(). */
static inline uint64_t irq_save(void)
{
    uint64_t flags;

    __asm__ volatile("pushfq; pop %0; cli" : "=r"(flags) : : "memory");
    return flags;
}

static inline void irq_restore(uint64_t flags)
{
    __asm__ volatile("push %0; popfq" : : "r"(flags) : "memory", "cc");
}

static inline void irq_enable(void)
{
    __asm__ volatile("sti" : : : "memory");
}

static inline void irq_disable(void)
{
    __asm__ volatile("cli" : : : "memory");
}

static inline void invlpg(uint64_t va)
{
    __asm__ volatile("invlpg (%0)" : : "r"(va) : "memory");
}

static inline void clflush(const void *line)
{
    __asm__ volatile("clflush (%0)" : : "r"(line) : "memory");
}

static inline uint64_t rdtsc(void)
{
    uint32_t low, high;

    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

static inline uint8_t inb(uint16_t port)
{
    uint8_t value;

    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline void outb(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint32_t inl(uint16_t port)
{
    uint32_t value;

    __asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline void outl(uint16_t port, uint32_t value)
{
    __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

struct __attribute__((packed)) table_register {
    uint16_t limit;
    uint64_t base;
};

static inline struct table_register gdtr_read(void)
{
    struct table_register r;

    __asm__ volatile("sgdt %0" : "=m"(r));
    return r;
}

static inline struct table_register idtr_read(void)
{
    struct table_register r;

    __asm__ volatile("sidt %0" : "=m"(r));
    return r;
}

static inline void gdtr_write(struct table_register r)
{
    __asm__ volatile("lgdt %0" : : "m"(r) : "memory");
}

static inline void idtr_write(struct table_register r)
{
    __asm__ volatile("lidt %0" : : "m"(r) : "memory");
}

static inline void ldtr_write(uint16_t selector)
{
    __asm__ volatile("lldt %0" : : "r"(selector) : "memory");
}

static inline void tr_write(uint16_t selector)
{
    __asm__ volatile("ltr %0" : : "r"(selector) : "memory");
}

static inline void cpu_halt_forever(void)
{
    for (;;)
        __asm__ volatile("cli; hlt");
}
