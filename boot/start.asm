; From the loader's 32-bit protected mode to C in long mode under 4-level paging. The first tables map the
; lowest 4 GiB, all of it writable and executable; the kernel leaves them as soon as it has built its own.

%include "x86.inc"
%include "first.inc"

global mb2_start
global pvh_start
global boot_magic_mb2
global boot_magic_pvh
global handed_cr0
global handed_cr4
global handed_efer
extern kernel_main
extern stacks
extern early_refuse
extern trampoline_long_mode
global enter_long_mode
global first_gdt

MB2_LOADER_MAGIC equ 0x36d76289         ; in EAX, Multiboot2 "I386 machine state"
PVH_INFO_MAGIC   equ 0x336ec578         ; first word of the start info at EBX
PD_COUNT         equ 4                  ; page directories: 1 GiB each
%define stack_boot_top (stacks + X86_PAGE_SIZE + X86_STACK_SIZE) ; the first of kernel/stacks.h

section .bss nobits alloc noexec write align=4096
first_pml4: resb X86_PAGE_SIZE
first_pdpt: resb X86_PAGE_SIZE
first_pd:   resb X86_PAGE_SIZE * PD_COUNT

section .data progbits alloc noexec write align=8
handed_efer: dq 0                       ; as the loader left them, for kernel/handed.c
handed_cr0:  dd 0
handed_cr4:  dd 0

section .rodata progbits alloc noexec nowrite align=8
boot_magic_mb2: dd MB2_LOADER_MAGIC     ; for C, so that each number has one home
boot_magic_pvh: dd PVH_INFO_MAGIC
first_gdt:
    dq 0
    dq 0x00af9a000000ffff               ; FIRST_CODE64
    dq 0x00cf92000000ffff               ; FIRST_DATA
    dq 0x00cf9a000000ffff               ; FIRST_CODE32, for boot/trampoline.asm
first_gdtr:
    dw FIRST_GDT_SIZE - 1
    dd first_gdt

section .text progbits alloc exec nowrite align=16
bits 32
pvh_start:
    endbr32                             ; whoever still has indirect branch tracking on may jump here
    mov     eax, PVH_INFO_MAGIC         ; PVH leaves EAX undefined; EBX points to the start info
mb2_start:
    endbr32
    cli
    cld
    mov     esp, stack_boot_top
    mov     ebp, eax                    ; who started us
    mov     edi, ebx                    ; its structure

; What long mode, this kernel's page tables and its W^X need; every missing feature is collected in ESI.
    xor     esi, esi
    pushfd                              ; CPUID exists where EFLAGS.ID can be flipped
    pop     eax
    mov     ecx, eax
    xor     eax, X86_EFLAGS_ID
    push    eax
    popfd
    pushfd
    pop     eax
    xor     eax, ecx
    test    eax, X86_EFLAGS_ID
    jz      .no_cpuid
    mov     eax, X86_CPUID_FEATURES
    cpuid
    test    edx, X86_CPUID_1_EDX_PAE
    jnz     .has_pae
    or      esi, X86_LACKS_PAE
.has_pae:
    mov     eax, X86_CPUID_EXT_MAX
    cpuid
    cmp     eax, X86_CPUID_EXT_FEATURES
    mov     edx, 0                      ; no such leaf: neither feature
    jb      .extended
    mov     eax, X86_CPUID_EXT_FEATURES
    cpuid
.extended:
    test    edx, X86_CPUID_EXT1_EDX_LM
    jnz     .has_lm
    or      esi, X86_LACKS_LM
.has_lm:
    test    edx, X86_CPUID_EXT1_EDX_NX
    jnz     .checked
    or      esi, X86_LACKS_NX
    jmp     .checked
.no_cpuid:
    mov     esi, X86_LACKS_CPUID
.checked:
    test    esi, esi
    jnz     early_refuse                ; says so and ends

; Identity-map 4 GiB with 2 MiB pages.
    mov     eax, X86_PTE_P | X86_PTE_RW | X86_PTE_PS
    xor     ecx, ecx
.fill_pd:
    mov     [first_pd + ecx * 8], eax
    add     eax, 1 << (X86_PAGE_BITS + X86_INDEX_BITS)
    inc     ecx
    cmp     ecx, X86_TABLE_ENTRIES * PD_COUNT
    jb      .fill_pd
    mov     eax, first_pd + (X86_PTE_P | X86_PTE_RW)
    xor     ecx, ecx
.fill_pdpt:
    mov     [first_pdpt + ecx * 8], eax
    add     eax, X86_PAGE_SIZE
    inc     ecx
    cmp     ecx, PD_COUNT
    jb      .fill_pdpt
    mov     dword [first_pml4], first_pdpt + (X86_PTE_P | X86_PTE_RW)

; What firmware and loader have left in the control registers, before it goes. Not stored from EAX: that form
; has another length in 64-bit code, as which scripts/instructions reads this.
    mov     ebx, cr0
    mov     [handed_cr0], ebx
    mov     ecx, X86_MSR_EFER
    rdmsr
    mov     ebx, eax
    mov     [handed_efer], ebx
    mov     [handed_efer + 4], edx
    mov     ebx, cr4
    mov     [handed_cr4], ebx

; Every processor comes by here, ESP = 0 for those that boot/trampoline.asm has started.
; SDM volume 3, "Initializing IA-32e Mode". CR0, CR4 and EFER are set whole, in this order: CR0.WP must not go
; while CR4.CET stands, nor CR0.PG while CR4.PCIDE does, and CR4.LA57 only once paging is off ("Control Registers").
enter_long_mode:
    mov     eax, cr4
    and     eax, ~(X86_CR4_CET | X86_CR4_PCIDE)
    mov     cr4, eax
    mov     eax, X86_CR0_PE | X86_CR0_ET
    mov     cr0, eax                    ; paging off, whatever the loader did
    mov     eax, X86_CR4_PAE
    mov     cr4, eax
    mov     eax, first_pml4
    mov     cr3, eax
    mov     ecx, X86_MSR_EFER
    mov     eax, X86_EFER_LME | X86_EFER_NXE
    xor     edx, edx
    wrmsr
    mov     eax, X86_CR0_PG | X86_CR0_WP | X86_CR0_NE | X86_CR0_ET | X86_CR0_MP | X86_CR0_PE
    mov     cr0, eax
    lgdt    [first_gdtr]
    jmp     FIRST_CODE64:long_mode

bits 64
long_mode:
    mov     eax, FIRST_DATA
    mov     ds, eax
    mov     es, eax
    mov     ss, eax
    xor     eax, eax
    mov     fs, eax
    mov     gs, eax
    test    esp, esp
    jz      trampoline_long_mode
    mov     esp, stack_boot_top         ; clears the upper half of RSP
    mov     esi, edi                    ; kernel_main(magic, info)
    mov     edi, ebp
    xor     ebp, ebp                    ; the end of every backtrace
    call    kernel_main
    ud2                                 ; it does not return
