; Into CPL 3, and the program that runs there. The way back is an exception or INT: kernel/user.c.

%include "x86.inc"

global user_iret
global user_program
global user_program_fault
global user_program_end

section .text progbits alloc exec nowrite align=16
bits 64
user_iret:                              ; (RDI: RIP, RSI: RSP, EDX: selector, EDI there) does not return
    push    X86_SEG_USER_DATA | X86_SEG_RPL_USER
    push    rsi
    push    X86_EFLAGS_FIXED
    push    X86_SEG_USER_CODE64 | X86_SEG_RPL_USER
    push    rdi
    mov     edi, edx
    iretq

user_program:                           ; position-independent: it runs from a copy
user_program_fault:
    mov     fs, edi
    int     X86_VEC_USER_RETURN
user_program_end:
