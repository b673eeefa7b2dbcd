; kernel/escape.h's stack discipline: the callee-saved registers stand on the stack below the return address
; while the call is in progress, and escape_landing takes them back from the same place.

global escape_enter
global escape_landing

section .text progbits alloc exec nowrite align=16
bits 64
escape_enter:                           ; (RDI: fn, RSI: argument, RDX: where RSP is kept) -> EAX 0
    push    rbx
    push    rbp
    push    r12
    push    r13
    push    r14
    push    r15
    sub     rsp, 8                      ; the ABI's alignment
    mov     [rdx], rsp
    mov     rax, rdi
    mov     rdi, rsi
    call    rax
    xor     eax, eax
    jmp     leave_call
escape_landing:                         ; RSP as kept -> EAX 1
    mov     eax, 1
leave_call:
    add     rsp, 8
    pop     r15
    pop     r14
    pop     r13
    pop     r12
    pop     rbp
    pop     rbx
    ret
