; PKRS written twice a round, each time followed at once by the access that it decides (tests/tlb_order.c):
;   uint64_t order_reads(uint64_t va, uint32_t open, uint32_t denied, uint64_t rounds, volatile uint64_t *alias)
; and order_writes likewise. They return how often the data was wrong. The access at the label _open has to succeed and
; the one at _denied has to fault; whatever faults, the test's handler goes on at the next instruction, _open_next or
; _denied_next. The number of the round is the datum, never 0.

%include "x86.inc"

section .text progbits alloc exec nowrite align=16
bits 64

%macro LABEL 1
global %1
%1:
%endmacro

%macro COUNT_UNEQUAL 0                  ; after a comparison
    setne   al
    movzx   eax, al
    add     rbx, rax
%endmacro

%macro BEGIN 1
    push    rbx
    xor     ebx, ebx
    mov     r9, rcx
    mov     r10d, edx
    mov     ecx, X86_MSR_IA32_PKRS
    xor     edx, edx
%1_round:
%endmacro

%macro END 1
    dec     r9
    jnz     %1_round
    mov     rax, rbx
    pop     rbx
    ret
%endmacro

LABEL order_reads
    BEGIN   order_reads
    mov     [r8], r9
    xor     r11d, r11d
    mov     eax, esi
    wrmsr
LABEL order_reads_open
    mov     r11, [rdi]
LABEL order_reads_open_next
    cmp     r11, r9
    COUNT_UNEQUAL
    xor     r11d, r11d
    mov     eax, r10d
    wrmsr
LABEL order_reads_denied
    mov     r11, [rdi]
LABEL order_reads_denied_next
    test    r11, r11                    ; a denied read changes no register
    COUNT_UNEQUAL
    END     order_reads

LABEL order_writes
    BEGIN   order_writes
    mov     qword [r8], 0
    mov     eax, esi
    wrmsr
LABEL order_writes_open
    mov     [rdi], r9
LABEL order_writes_open_next
    cmp     [r8], r9
    COUNT_UNEQUAL
    xor     r11d, r11d
    mov     eax, r10d
    wrmsr
LABEL order_writes_denied
    mov     [rdi], r11
LABEL order_writes_denied_next
    cmp     [r8], r9
    COUNT_UNEQUAL
    END     order_writes
