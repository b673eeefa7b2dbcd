; Takes an NMI and leaves it without IRET, so that NMIs stay blocked.

%include "abi.inc"

global event_nmi_block
global event_nmi_landing
extern apic_send_self_nmi

LONG_ENOUGH equ 10000000

section .bss nobits alloc noexec write align=8
kept_rsp: resq 1

section .text progbits alloc exec nowrite align=16
bits 64
event_nmi_block:                        ; -> AL: whether the NMI came
    PUSH_CALLEE_SAVED
    sub     rsp, 8                      ; the ABI's alignment
    mov     [rel kept_rsp], rsp
    call    apic_send_self_nmi
    mov     ecx, LONG_ENOUGH
.wait:
    pause
    dec     ecx
    jnz     .wait
    xor     eax, eax
    jmp     event_nmi_leave
event_nmi_landing:                      ; the NMI's entry: its frame is of no interest
    mov     rsp, [rel kept_rsp]
    mov     eax, 1
event_nmi_leave:
    add     rsp, 8
    POP_CALLEE_SAVED
    ret
