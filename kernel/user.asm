; Into CPL 3, and the programs that run there. The way back is an exception or INT: kernel/user.c.

%include "x86.inc"

global user_iret
global user_program
global user_program_end

section .text progbits alloc exec nowrite align=16
bits 64
user_iret:                              ; (RDI: RIP, RSI: RSP, RDX and RCX: RDI and RSI there) does not return
    push    X86_SEG_USER_DATA | X86_SEG_RPL_USER
    push    rsi
    push    X86_EFLAGS_FIXED
    push    X86_SEG_USER_CODE64 | X86_SEG_RPL_USER
    push    rdi
    mov     rdi, rdx
    mov     rsi, rcx
    xor     eax, eax
    iretq

%macro PROGRAM 1
global user_fn_%1
global user_at_%1
user_fn_%1:
%endmacro

user_program:                           ; position-independent: it runs from a copy
PROGRAM load_fs
user_at_load_fs:
    mov     fs, edi
    int     X86_VEC_USER_RETURN

PROGRAM read8
user_at_read8:
    mov     rax, [rdi]
    int     X86_VEC_USER_RETURN

PROGRAM write8
user_at_write8:
    mov     [rdi], rsi
    int     X86_VEC_USER_RETURN

PROGRAM in1
    mov     edx, edi
user_at_in1:
    in      al, dx
    int     X86_VEC_USER_RETURN

PROGRAM out1
    mov     edx, edi
    mov     eax, esi
user_at_out1:
    out     dx, al
    int     X86_VEC_USER_RETURN
user_program_end:
