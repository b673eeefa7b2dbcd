; Sets EFLAGS.TF around one call. The instructions outside of the call are not visited: kernel/step.c knows them
; by step_call and step_call_end.

%include "x86.inc"

global step_call
global step_call_end

section .text progbits alloc exec nowrite align=16
bits 64
step_call:                              ; (RDI: function, RSI: its argument)
    push    rbp
    mov     rbp, rsp
    mov     rax, rdi
    mov     rdi, rsi
    pushfq
    or      qword [rsp], X86_EFLAGS_TF
    popfq
    call    rax
    pushfq
    and     qword [rsp], ~X86_EFLAGS_TF
    popfq
    pop     rbp
    ret
step_call_end:
