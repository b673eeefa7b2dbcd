; The #PF stub of kernel/fastprobe.h, the way into CPL 1 to 3, and the programs that run there. What they keep
; stands in the processor's block: struct fast_state of kernel/percpu.h.
;
; The stub pops the error code and RIP that the processor pushed into memory, and either puts a landing into RIP's place or
; pushes both back for the ordinary path. At CPL 1 to 3 the landing is reached by switching stacks: the event has come
; to CPL 0 already, and nothing on the entry stack is needed any more.

%include "x86.inc"
%include "abi.inc"

global fast_pf
global fast_return
global fast_ring_enter
global fast_ring_landing
global ring_program
global ring_program_end
extern trap_common

%define FAST(field) gs:X86_PERCPU_FAST + X86_FAST_ %+ field

section .text progbits alloc exec nowrite align=16
bits 64
fast_pf:
    pop     qword [FAST(CODE)]
    pop     qword [FAST(RIP)]
    push    rax
    mov     rax, [FAST(RIP)]
    cmp     rax, [FAST(AT)]
    jne     .unplanned
    mov     rax, cr2
    mov     [FAST(CR2)], rax
    inc     qword [FAST(COUNT)]
    cmp     qword [FAST(RSP)], 0
    jne     fast_return
    pop     rax
    push    qword [FAST(LANDING)]
    iretq
.unplanned:
    pop     rax
    push    qword [FAST(RIP)]
    push    qword [FAST(CODE)]
    push    X86_VEC_PF
    jmp     trap_common

fast_return:                            ; from CPL 1 to 3, by fault or by INT
    mov     rsp, [FAST(RSP)]
    jmp     [FAST(LANDING)]

fast_ring_enter:                        ; (RDI: RIP, RSI: CS, RDX: SS, RCX: address, R8: value) -> RAX value
    PUSH_CALLEE_SAVED
    mov     [FAST(RSP)], rsp
    push    rdx
    push    0                           ; RSP there: nothing uses it
    pushfq
    push    rsi
    push    rdi
    mov     rdi, rcx
    mov     rsi, r8
    iretq
fast_ring_landing:
    mov     ecx, X86_SEG_DATA           ; the event made SS null
    mov     ss, ecx
    POP_CALLEE_SAVED
    ret

; RDI: address, RSI: value, as the probes of the same names; each starts at ring_fn_NAME.
%macro RING 2+
global ring_fn_%1
global ring_at_%1
ring_fn_%1:
    xor     eax, eax
ring_at_%1:
    %2
    int     X86_VEC_USER_RETURN
%endmacro

ring_program:
RING read1, mov al, [rdi]
RING read2, mov ax, [rdi]
RING read4, mov eax, [rdi]
RING read8, mov rax, [rdi]
RING write1, mov [rdi], sil
RING write2, mov [rdi], si
RING write4, mov [rdi], esi
RING write8, mov [rdi], rsi
RING add8, add [rdi], rsi
RING locked8, lock add [rdi], rsi
ring_program_end:
