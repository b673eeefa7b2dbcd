#pragma once
/* The part of x86.h that is about interrupt controllers. */

/* Local APIC: the base MSR, registers by their offset, and fields ("Advanced Programmable Interrupt
 * Controller (APIC)") */
#define X86_MSR_APIC_BASE      0x1b
#define X86_APIC_BASE_ENABLE   0x800
#define X86_APIC_BASE_EXTD     0x400
#define X86_MSR_X2APIC         0x800 /* register at offset o: this + o / 16 */
#define X86_APIC_TPR           0x80
#define X86_APIC_VERSION       0x30 /* bits 23:16: the number of the last local vector */
#define X86_APIC_EOI           0xb0
#define X86_APIC_SPURIOUS      0xf0
#define X86_APIC_ISR           0x100
#define X86_APIC_ICR           0x300
#define X86_APIC_ICR_HIGH      0x310
#define X86_APIC_ID            0x20
#define X86_APIC_LVT_CMCI      0x2f0
#define X86_APIC_LVT_TIMER     0x320
#define X86_APIC_LVT_THERMAL   0x330
#define X86_APIC_LVT_PERF      0x340
#define X86_APIC_LVT_LINT0     0x350
#define X86_APIC_LVT_LINT1     0x360
#define X86_APIC_LVT_ERROR     0x370
#define X86_APIC_TIMER_INITIAL 0x380
#define X86_APIC_TIMER_CURRENT 0x390
#define X86_APIC_TIMER_DIVIDE  0x3e0
#define X86_APIC_ENABLED       0x100 /* in the spurious-interrupt vector register */
#define X86_APIC_MASKED        0x10000
#define X86_APIC_PERIODIC      0x20000
#define X86_APIC_DIVIDE_BY_16  0x3
#define X86_APIC_ICR_NMI       0x400
#define X86_APIC_ICR_INIT      0x500
#define X86_APIC_ICR_STARTUP   0x600
#define X86_APIC_ICR_ASSERT    0x4000
#define X86_APIC_DELIVERY      0x700 /* of a local vector, and of an entry of an I/O APIC */
#define X86_APIC_DELIVERY_SMI  0x200
#define X86_APIC_DELIVERY_NMI  0x400
#define X86_APIC_ICR_BUSY      0x1000
#define X86_CPUID_1_EDX_APIC   0x200
#define X86_CPUID_1_ECX_X2APIC 0x200000
#define X86_CPUID_TOPOLOGY     0xb
