; The programs of tests/event.h: one event each, then the software interrupt that ends them. They run from a
; copy, at CPL 0 and 3, and use no register and no stack of their own: what they need stands among them.
; Labels: event_at_NAME is where the event happens, event_next_NAME where the program goes on.

%include "x86.inc"

global event_code
global event_code_end
global event_int
global event_cp_target

%macro EVENT 1
global event_at_%1
event_at_%1:
%endmacro
%macro NEXT 1
global event_next_%1
event_next_%1:
    int     X86_VEC_EVENT_END
%endmacro
%macro SIMPLE 2+                        ; name, instruction
    EVENT   %1
    %2
    NEXT    %1
%endmacro

section .rodata progbits alloc noexec nowrite align=16
bits 64
event_code:
    SIMPLE  de, div dword [rel zero]
    SIMPLE  nop, nop
    SIMPLE  icebp, db 0xf1              ; INT1
    SIMPLE  bp, int3
    SIMPLE  ud, ud2
    SIMPLE  nm, fnop
    SIMPLE  np, mov fs, [rel selector_data]
    SIMPLE  ss0, mov ss, [rel selector_stack0]
    SIMPLE  ss3, mov ss, [rel selector_stack3]
    SIMPLE  ss_address, cmp byte [rbp], 0
    SIMPLE  gp_address, cmp byte [rbx], 0
    SIMPLE  gp_cli, cli
    SIMPLE  gp_int, int X86_VEC_EVENT_CLOSED
    SIMPLE  pf_absent, cmp byte [rel event_code + X86_EVENT_ABSENT], 0
    SIMPLE  pf_key, cmp byte [rel event_code + X86_EVENT_KEYED], 0
    SIMPLE  ac, cmp dword [rel zero + 1], 0
    SIMPLE  mc, int X86_VEC_MC
    SIMPLE  wait, jmp $                 ; for an interrupt
    SIMPLE  syscall, syscall

global event_mf
event_mf:
    fninit
    fldcw   [rel x87_unmasked]
    fld1
    fdiv    dword [rel zero]            ; pending from here on
    SIMPLE  mf, fwait

global event_xm
event_xm:
    ldmxcsr [rel sse_unmasked]
    movss   xmm0, [rel one]
    SIMPLE  xm, divss xmm0, [rel zero]

global event_cp
event_cp:
    jmp     [rel event_cp_target]
    SIMPLE  cp, nop                     ; no ENDBR64

event_int:                              ; 4 bytes for each vector from 32 on
%assign vector 32
%rep X86_VECTORS - 32
    db      0xcd, vector                ; INT n, also where NASM knows a shorter form
    int     X86_VEC_EVENT_END
  %assign vector vector + 1
%endrep

;
; For event_user.c. RBX: a user page that PKRU opens and PKRS closes, RBP: one the other way round, RDI: a supervisor
; page whose key PKRS opens, R12: PKRU, R13: the next PKRU, which exchanges RBX and RBP. R15 is left at 1 where PKRU or a
; page has changed behind the program's back.
;
global event_user
%macro LOOK 0
    xor     ecx, ecx
    rdpkru
    cmp     eax, r12d
    jne     event_user_bad
    inc     dword [rbx]
    inc     r14d
    cmp     [rbx], r14d
    jne     event_user_bad
%endmacro
%macro STOP 2+                          ; name, instruction
    EVENT   user_%1
    %2
global event_next_user_%1
event_next_user_%1:
    LOOK
%endmacro
event_user:
    mov     [rbx], r14d
    LOOK
    STOP    int, int X86_VEC_EVENT_CLOSED
    STOP    bp, int3
    STOP    ud, ud2
    STOP    de, div dword [rel zero]
    STOP    syscall, syscall
    mov     ecx, X86_MSR_IA32_PKRS
    STOP    rdmsr, rdmsr
    mov     ecx, X86_MSR_IA32_PKRS
    STOP    wrmsr, wrmsr
    STOP    read, mov al, [rbp]
    STOP    write, mov [rbp], al
    STOP    supervisor, mov al, [rdi]
    mov     eax, r13d
    xor     ecx, ecx
    xor     edx, edx
    wrpkru                              ; the program's own right
    mov     r12d, r13d
    xchg    rbx, rbp
    mov     [rbx], r14d
    STOP    last, int X86_VEC_EVENT_CLOSED
    STOP    closed, mov al, [rbp]
    xor     r15d, r15d
    int     X86_VEC_EVENT_END
event_user_bad:
    mov     r15d, 1
    int     X86_VEC_EVENT_END

bits 32
    SIMPLE  of, into
    SIMPLE  br, bound eax, [esp]        ; the bounds there are 0 and 0
bits 64

align 8
event_cp_target: dq 0                   ; tests/event_vectors_machine.c sets it in the copy
zero:            dd 0, 0
one:             dd 0x3f800000
sse_unmasked:    dd 0x1d80              ; MXCSR of reset, with division by zero unmasked
x87_unmasked:    dw 0x37b               ; FCW of FNINIT likewise
selector_data:   dw X86_EVENT_LDT_DATA | X86_SEG_TI_LDT | X86_SEG_RPL_USER
selector_stack0: dw X86_EVENT_LDT_STACK0 | X86_SEG_TI_LDT
selector_stack3: dw X86_EVENT_LDT_STACK3 | X86_SEG_TI_LDT | X86_SEG_RPL_USER
event_code_end:
