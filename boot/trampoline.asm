; Where the other processors start. A start-up IPI puts one into real-address mode at a page below 1 MiB, to which
; kernel/smp_start.c has copied the bytes from trampoline to trampoline_end; from there it goes to protected mode, by
; start.asm's way to long mode, and into C on the stack of its block.
; Source: SDM volume 3, "Multiple-Processor (MP) Initialization".

%include "x86.inc"
%include "first.inc"

global trampoline
global trampoline_end
global trampoline_long_mode
global trampoline_blocks
global trampoline_count
extern enter_long_mode
extern first_gdt
extern smp_main

section .bss nobits alloc noexec write align=8
trampoline_blocks: resq 1               ; the list of processors' blocks, and how many there are
trampoline_count:  resd 1

section .rodata progbits alloc noexec nowrite align=16
bits 16
trampoline:                             ; CS:0, CS = page number * 256: it knows no address of its own
    cli
    o32 lgdt [cs:.gdtr - trampoline]
    mov     eax, X86_CR0_PE | X86_CR0_ET
    mov     cr0, eax
    jmp     dword FIRST_CODE32:protected_mode
.gdtr:
    dw FIRST_GDT_SIZE - 1
    dd first_gdt
trampoline_end:

section .text progbits alloc exec nowrite align=16
bits 32
protected_mode:
    mov     eax, FIRST_DATA
    mov     ds, eax
    mov     es, eax
    mov     ss, eax
    xor     esp, esp
    jmp     enter_long_mode

bits 64
trampoline_long_mode:                   ; which one is this? CPUID says it without a stack
    xor     eax, eax
    cpuid
    cmp     eax, X86_CPUID_TOPOLOGY
    jb      .narrow
    mov     eax, X86_CPUID_TOPOLOGY
    xor     ecx, ecx
    cpuid
    test    ebx, ebx                    ; 0: the leaf is not implemented
    jz      .narrow
    mov     eax, edx                    ; the x2APIC ID
    jmp     .search
.narrow:
    mov     eax, X86_CPUID_FEATURES
    cpuid
    shr     ebx, 24                     ; the initial APIC ID
    mov     eax, ebx
.search:
    mov     rsi, [rel trampoline_blocks]
    mov     ecx, [rel trampoline_count]
.next:
    jecxz   .nobody
    mov     rdi, [rsi]                  ; smp_main(block)
    cmp     eax, [rdi + X86_PERCPU_APIC_ID]
    je      .found
    add     rsi, 8
    dec     ecx
    jmp     .next
.found:
    mov     rsp, [rdi + X86_PERCPU_STACKS]
    add     rsp, X86_PAGE_SIZE + X86_STACK_SIZE
    xor     ebp, ebp
    call    smp_main
    ud2                                 ; it does not return
.nobody:                                ; one that nobody has asked for
    cli
    hlt
    jmp     .nobody
