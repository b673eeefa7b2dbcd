#pragma once
/* The part of x86.h that is about stacks for events, SYSCALL, causes of events, and the state of a reset. */

/* Event delivery ("64-Bit TSS Format"): where RSP0 and IST1 stand in the TSS; what IRET pops, and with
 * padding to 16 */
#define X86_TSS_RSP0   4
#define X86_TSS_IST1   36
#define X86_IRET_SIZE  40
#define X86_IRET_SPACE 48

/* The IST numbers of the vectors that have one, and a spare one (ours); the share of an IST stack that one
 * event gets */
#define X86_IST_DF    1
#define X86_IST_NMI   2
#define X86_IST_MC    3
#define X86_IST_DB    4
#define X86_IST_SPARE 5
#define X86_IST_SLICE 0x2000

/* SYSCALL ("Fast System Calls in 64-Bit Mode"): its registers, a flag it has to clear, and the vector in the
 * frame of SYSCALL, which has none (ours) */
#define X86_MSR_STAR    0xc0000081
#define X86_MSR_LSTAR   0xc0000082
#define X86_MSR_FMASK   0xc0000084
#define X86_EFLAGS_NT   0x4000
#define X86_VEC_SYSCALL 256

/* What events by their real causes need switched on: alignment checks, x87 and SSE exceptions, IBT at CPL 3
 * ("Control-flow Enforcement Technology (CET)"), and #CP's error code for a missing ENDBR64 */
#define X86_CR0_TS          0x8
#define X86_CR0_AM          0x40000
#define X86_CR4_OSXMMEXCPT  0x400
#define X86_CR4_CET         0x800000
#define X86_MSR_U_CET       0x6a0
#define X86_MSR_S_CET       0x6a2
#define X86_CET_ENDBR_EN    0x4
#define X86_CPUID_7_EDX_IBT 0x100000
#define X86_CP_ENDBRANCH    0x3

/* The event tests' software interrupts (ours): to start a program, to end one, and one that CPL 3 may not
 * use; offsets from the programs of an address that is not mapped and of a page with a key; descriptors of
 * their LDT */
#define X86_VEC_EVENT_START  0x81
#define X86_VEC_EVENT_END    0x82
#define X86_VEC_EVENT_CLOSED 0x83
#define X86_EVENT_ABSENT     0x8000
#define X86_EVENT_KEYED      0x9000
#define X86_EVENT_LDT_DATA   0x00
#define X86_EVENT_LDT_STACK0 0x08
#define X86_EVENT_LDT_STACK3 0x10
#define X86_EVENT_LDT_CODE32 0x18
#define X86_EVENT_LDT_SIZE   0x20

/* What firmware may have left: the memory types of a page, breakpoints, stepping over branches; and what
 * stands there after reset ("Programming the PAT", "Debug Registers") */
#define X86_MSR_PAT      0x277
#define X86_PAT_RESET    0x0007040600070406
#define X86_MSR_DEBUGCTL 0x1d9
#define X86_DR7_FIXED    0x400

/* Machine checks ("Machine-Check Architecture"): global registers, the first bank's registers, their distance
 */
#define X86_CPUID_1_EDX_MCA 0x4000
#define X86_MSR_MCG_CAP     0x179
#define X86_MSR_MCG_STATUS  0x17a
#define X86_MSR_MC0_STATUS  0x401
#define X86_MSR_MC0_ADDR    0x402
#define X86_MSR_MC0_MISC    0x403
#define X86_MSR_MC_STRIDE   4
#define X86_MCG_CAP_BANKS   0xff
#define X86_MCG_CAP_SER_P   0x1000000
#define X86_MCG_STATUS_RIPV 0x1
#define X86_MCG_STATUS_EIPV 0x2
#define X86_MCG_STATUS_MCIP 0x4
#define X86_MCI_VAL         0x8000000000000000
#define X86_MCI_OVER        0x4000000000000000
#define X86_MCI_UC          0x2000000000000000
#define X86_MCI_EN          0x1000000000000000
#define X86_MCI_MISCV       0x0800000000000000
#define X86_MCI_ADDRV       0x0400000000000000
#define X86_MCI_PCC         0x0200000000000000
#define X86_MCI_S           0x0100000000000000
#define X86_MCI_AR          0x0080000000000000
