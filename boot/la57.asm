; Between 4-level and 5-level paging. CR4.LA57 cannot change in IA-32e mode (SDM volume 3, "Paging Modes and
; Control Bits"), so: compatibility mode, paging off, the bit and the new root, paging on, 64-bit code again.
; Code, stack, GDT and both roots lie below 4 GiB and are identity-mapped. From the first far return to the
; last jump no exception can be delivered: the IDT holds 64-bit gates. An NMI here ends the machine.

%include "x86.inc"
%include "abi.inc"

global paging_mode_switch

section .text progbits alloc exec nowrite align=16
bits 64
paging_mode_switch:                     ; (RDI: physical root, ESI: CR4.LA57 or 0); IF must be clear
    PUSH_CALLEE_SAVED                   ; the upper halves of all registers are lost in 32-bit code
    mov     ecx, X86_MSR_GS_BASE        ; and perhaps that of GS's base, which is an MSR only in IA-32e mode
    rdmsr
    push    rdx
    push    rax
    mov     rax, cr4
    push    rax
    and     eax, ~X86_CR4_PGE           ; drops global translations of the old mode too
    mov     cr4, rax
    mov     eax, compatibility
    push    X86_SEG_CODE32
    push    rax
    retfq

bits 32
compatibility:
    mov     eax, cr0
    mov     ebx, eax
    and     eax, ~X86_CR0_PG
    mov     cr0, eax                    ; EFER.LMA becomes 0; the next fetch uses physical addresses
    mov     cr3, edi
    mov     eax, cr4
    and     eax, ~X86_CR4_LA57
    or      eax, esi
    mov     cr4, eax
    mov     cr0, ebx                    ; EFER.LME is still 1: EFER.LMA becomes 1
    jmp     X86_SEG_CODE64:long_mode_again

bits 64
long_mode_again:
    mov     esp, esp                    ; the upper half is undefined after 32-bit code
    pop     rax
    and     eax, ~X86_CR4_LA57
    or      eax, esi
    mov     cr4, rax
    pop     rax
    pop     rdx
    mov     ecx, X86_MSR_GS_BASE
    wrmsr
    POP_CALLEE_SAVED
    ret
