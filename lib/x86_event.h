#pragma once
/* The part of x86.h that is about stacks for events. */

/* Event delivery ("64-Bit TSS Format"): where IST1 stands in the TSS; what IRET pops, and with
 * padding to 16 */
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
