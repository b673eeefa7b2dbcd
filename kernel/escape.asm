; kernel/escape.h's stack discipline: the callee-saved registers stand on the stack below the return address
; while the call is in progress, and escape_landing takes them back from the same place.

%include "abi.inc"

global escape_enter
global escape_landing

section .text progbits alloc exec nowrite align=16
bits 64
escape_enter:                           ; (RDI: fn, RSI: argument, RDX: where RSP is kept) -> EAX 0
    PUSH_CALLEE_SAVED
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
    POP_CALLEE_SAVED
    ret
