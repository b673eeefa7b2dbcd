#pragma once
/*
 * Architectural constants, one name per bit, shared by C and NASM: the build turns every X86_* macro of this
 * file into a %define, so each value is a plain literal or an expression of such literals.
 * Names and values: Intel SDM volume 3 (edition pinned in lib/pks/README.md), section titles in the margins.
 */

/* Control registers */
#define X86_CR0_PE     0x1
#define X86_CR0_MP     0x2
#define X86_CR0_ET     0x10
#define X86_CR0_NE     0x20
#define X86_CR0_WP     0x10000
#define X86_CR0_PG     0x80000000
#define X86_CR3_PWT    0x8
#define X86_CR4_DE     0x8
#define X86_CR4_PAE    0x20
#define X86_CR4_MCE    0x40
#define X86_CR4_PGE    0x80
#define X86_CR4_OSFXSR 0x200
#define X86_CR4_LA57   0x1000
#define X86_CR4_PCIDE  0x20000
#define X86_CR4_SMEP   0x100000
#define X86_CR4_SMAP   0x200000
#define X86_CR4_PKE    0x400000
#define X86_CR4_PKS    0x1000000

/* MOV to CR3 with CR4.PCIDE=1: keep the translations of the PCID that is loaded. It is never stored in CR3 */
#define X86_CR3_NOFLUSH 0x8000000000000000

/* EFLAGS */
#define X86_EFLAGS_CF    0x1
#define X86_EFLAGS_FIXED 0x2
#define X86_EFLAGS_PF    0x4
#define X86_EFLAGS_AF    0x10
#define X86_EFLAGS_ZF    0x40
#define X86_EFLAGS_SF    0x80
#define X86_EFLAGS_TF    0x100
#define X86_EFLAGS_IF    0x200
#define X86_EFLAGS_DF    0x400
#define X86_EFLAGS_OF    0x800
#define X86_EFLAGS_RF    0x10000
#define X86_EFLAGS_AC    0x40000
#define X86_EFLAGS_ID    0x200000

/* Model-specific registers */
#define X86_MSR_EFER      0xc0000080
#define X86_MSR_IA32_PKRS 0x6e1
#define X86_MSR_GS_BASE   0xc0000101
#define X86_MSR_BIOS_SIGN 0x8b
#define X86_EFER_SCE      0x1
#define X86_EFER_LME      0x100
#define X86_EFER_LMA      0x400
#define X86_EFER_NXE      0x800

/* CPUID: leaf, and the bit inside the register the name ends in */
#define X86_CPUID_FEATURES          0x1
#define X86_CPUID_1_ECX_HYPERVISOR  0x80000000
#define X86_CPUID_1_ECX_RDRAND      0x40000000
#define X86_CPUID_1_ECX_PCID        0x20000
#define X86_CPUID_1_EDX_MCE         0x80
#define X86_CPUID_1_EDX_PAE         0x40
#define X86_CPUID_1_EDX_PAT         0x10000
#define X86_CPUID_EXTENDED_FEATURES 0x7
#define X86_CPUID_7_EBX_SMEP        0x80
#define X86_CPUID_7_EBX_SMAP        0x100000
#define X86_CPUID_7_ECX_PKU         0x8
#define X86_CPUID_7_ECX_LA57        0x10000
#define X86_CPUID_7_ECX_PKS         0x80000000
#define X86_CPUID_7_ECX_CET_SS      0x80
#define X86_CPUID_7_EDX_CET_IBT     0x100000
#define X86_CPUID_7_1_EAX_FRED      0x20000
#define X86_CPUID_7_1_EAX_WRMSRNS   0x80000
#define X86_CPUID_7_1_EAX_LAM       0x4000000
#define X86_CPUID_TSC               0x15
#define X86_CPUID_BASE_FREQUENCY    0x16
#define X86_CPUID_HYPERVISOR        0x40000000
#define X86_CPUID_HYPERVISOR_TSC    0x40000010
#define X86_CPUID_EXT_MAX           0x80000000
#define X86_CPUID_EXT_FEATURES      0x80000001
#define X86_CPUID_EXT1_EDX_NX       0x100000
#define X86_CPUID_EXT1_EDX_PDPE1GB  0x4000000
#define X86_CPUID_EXT1_EDX_RDTSCP   0x8000000
#define X86_CPUID_EXT1_EDX_LM       0x20000000
#define X86_CPUID_BRAND             0x80000002
#define X86_CPUID_EXT_ADDRESS_SIZES 0x80000008

/* Paging-structure entries ("Paging") */
#define X86_PTE_P         0x1
#define X86_PTE_RW        0x2
#define X86_PTE_US        0x4
#define X86_PTE_PWT       0x8
#define X86_PTE_PCD       0x10
#define X86_PTE_A         0x20
#define X86_PTE_D         0x40
#define X86_PTE_PS        0x80
#define X86_PTE_G         0x100
#define X86_PTE_XD        0x8000000000000000
#define X86_PTE_ADDR      0x000ffffffffff000
#define X86_PTE_PKEY_BIT  59
#define X86_PTE_PKEY_MASK 0xf
#define X86_PAGE_BITS     12
#define X86_PAGE_SIZE     0x1000
#define X86_CACHE_LINE    64 /* the least that CLFLUSH writes back */
#define X86_INDEX_BITS    9
#define X86_TABLE_ENTRIES 512

/* Page-fault error code ("Page-Fault Exceptions") */
#define X86_PF_P   0x1
#define X86_PF_W   0x2
#define X86_PF_U   0x4
#define X86_PF_R   0x8
#define X86_PF_I   0x10
#define X86_PF_PK  0x20
#define X86_PF_SS  0x40
#define X86_PF_SGX 0x8000

/* Vectors ("Exception and Interrupt Reference") and the set that pushes an error code */
#define X86_VEC_DE     0
#define X86_VEC_DB     1
#define X86_VEC_NMI    2
#define X86_VEC_BP     3
#define X86_VEC_OF     4
#define X86_VEC_BR     5
#define X86_VEC_UD     6
#define X86_VEC_NM     7
#define X86_VEC_DF     8
#define X86_VEC_TS     10
#define X86_VEC_NP     11
#define X86_VEC_SS     12
#define X86_VEC_GP     13
#define X86_VEC_PF     14
#define X86_VEC_MF     16
#define X86_VEC_AC     17
#define X86_VEC_MC     18
#define X86_VEC_XM     19
#define X86_VEC_VE     20
#define X86_VEC_CP     21
#define X86_VEC_HV     28
#define X86_VEC_VC     29
#define X86_VEC_SX     30
#define X86_VECTORS    256
#define X86_EC_VECTORS 0x60227d00

/* Protection keys */
#define X86_PKEYS        16
#define X86_PKR_AD       1
#define X86_PKR_WD       2
#define X86_PKR_KEY_BITS 2

/* Segment selectors: the kernel's GDT in order (kernel/desc.c), and the selector's low bits */
#define X86_SEG_CODE64       0x08
#define X86_SEG_DATA         0x10
#define X86_SEG_CODE32       0x18
#define X86_SEG_USER_DATA    0x20
#define X86_SEG_USER_CODE64  0x28
#define X86_SEG_TSS          0x30
#define X86_SEG_LDT          0x40
#define X86_SEG_RING1_CODE64 0x50
#define X86_SEG_RING1_DATA   0x58
#define X86_SEG_RING2_CODE64 0x60
#define X86_SEG_RING2_DATA   0x68
#define X86_SEG_TEST_TSS     0x70 /* a test's own */
#define X86_GDT_SIZE         0x80
#define X86_SEG_RPL_USER     3
#define X86_SEG_TI_LDT       4

/* State beyond the general registers, and the instructions on it: the features by CPUID leaf, the control
 * bit, and the components of XCR0 that AVX and AVX-512 need ("Managing State Using the XSAVE Feature Set",
 * volume 1) */
#define X86_CPUID_1_ECX_CX16         0x2000
#define X86_CPUID_1_ECX_XSAVE        0x4000000
#define X86_CPUID_1_ECX_AVX          0x10000000
#define X86_CPUID_1_EDX_CLFSH        0x80000
#define X86_CPUID_1_EDX_FXSR         0x1000000
#define X86_CPUID_1_EDX_SSE2         0x4000000
#define X86_CPUID_7_EBX_AVX512F      0x10000
#define X86_CPUID_7_EBX_CLFLUSHOPT   0x800000
#define X86_CPUID_7_EBX_CLWB         0x1000000
#define X86_CPUID_EXT1_ECX_PREFETCHW 0x100
#define X86_CPUID_XSAVE              0xd
#define X86_CR4_OSXSAVE              0x40000
#define X86_XCR0_AVX                 0x7
#define X86_XCR0_AVX512              0xe7

/* What two register probes do to RSP: the bytes of ENTER's frame, and those that RET releases (ours) */
#define X86_PROBE_ENTER_FRAME 32
#define X86_PROBE_RET_RELEASE 16

/* What the 32-bit entry found missing (ours: the order of boot/early.asm's texts) */
#define X86_LACKS_PAE   0x1
#define X86_LACKS_LM    0x2
#define X86_LACKS_NX    0x4
#define X86_LACKS_CPUID 0x8

/* QEMU's isa-debug-exit: a value v written to the port ends QEMU with status (v << 1) | 1 */
#define X86_EXIT_PORT  0xf4
#define X86_EXIT_PASS  8
#define X86_EXIT_FAIL  9
#define X86_EXIT_SKIP  10
#define X86_EXIT_ERROR 11

/* Bytes of each kernel stack (ours), a multiple of the page size; a guard page lies below */
#define X86_STACK_SIZE 0x8000

/* Vectors of interrupts (ours) */
#define X86_VEC_PIC      0x20 /* 16 of them, all masked: what comes is spurious */
#define X86_VEC_TIMER    0x40
#define X86_VEC_SELF     0x41
#define X86_VEC_CALL     0x42 /* from another processor */
#define X86_VEC_WATCH    0x43 /* the timer of the processor that watches the others */
#define X86_VEC_SPURIOUS 0xff

/* Fields of a processor's own block (ours, kernel/percpu.h) */
#define X86_PERCPU_THREAD      0x08
#define X86_PERCPU_PKRS        0x10
#define X86_PERCPU_PROGRAM_RSP 0x18
#define X86_PERCPU_TSS         0x20
#define X86_PERCPU_STACKS      0x88
#define X86_PERCPU_APIC_ID     0x90
#define X86_PERCPU_FAST        0x98
#define X86_FAST_AT            0x00 /* in the block's struct fast_state */
#define X86_FAST_LANDING       0x08
#define X86_FAST_RSP           0x10
#define X86_FAST_COUNT         0x18
#define X86_FAST_CODE          0x20
#define X86_FAST_CR2           0x28
#define X86_FAST_RIP           0x30

/* The software interrupt by which a program at CPL 3 ends (ours) */
#define X86_VEC_USER_RETURN 0x80

#include "x86_apic.h"
#include "x86_event.h"
