; Every general register holds a value of its own across INT3; what it holds afterwards is stored.

%include "x86.inc"
%include "abi.inc"

global sentinels_int3
global sentinels

section .rodata progbits alloc noexec nowrite align=8
%macro EACH 1                           ; in the order of tests/self_trap.c
    %1 rax, 0
    %1 rcx, 1
    %1 rdx, 2
    %1 rbx, 3
    %1 rbp, 4
    %1 rsi, 5
    %1 rdi, 6
    %1 r8, 7
    %1 r9, 8
    %1 r10, 9
    %1 r11, 10
    %1 r12, 11
    %1 r13, 12
    %1 r14, 13
    %1 r15, 14
%endmacro
%macro CONSTANT 2
    dq 0x8001020304050600 + %2 * 0x0101010101010101
%endmacro
%macro LOAD 2
    mov     %1, [abs sentinels + 8 * %2]
%endmacro
%macro KEEP 2
    push    %1
%endmacro
sentinels:
    EACH CONSTANT

section .text progbits alloc exec nowrite align=16
bits 64
sentinels_int3:                         ; (RDI: flags, RSI: where registers go, RDX: where flags go)
    PUSH_CALLEE_SAVED
    push    rdx
    push    rsi
    push    rdi
    EACH LOAD
    popfq
    int3
    pushfq
    cld
    EACH KEEP
    mov     rdi, [rsp + 16 * 8]         ; above fifteen registers and the flags
    lea     rsi, [rsp + 14 * 8]         ; the first one pushed
    mov     ecx, 15
.copy:
    mov     rax, [rsi]
    mov     [rdi], rax
    sub     rsi, 8
    add     rdi, 8
    loop    .copy
    add     rsp, 15 * 8
    pop     rax                         ; flags
    pop     rsi
    pop     rdx
    mov     [rdx], rax
    POP_CALLEE_SAVED
    ret
