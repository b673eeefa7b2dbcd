; The #PF stub of kernel/fastprobe.h, the way into CPL 1 to 3, and the programs that run there.
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
global fast_at
global fast_landing
global fast_rsp
global fast_count
global fast_code
global fast_cr2
global ring_program
global ring_program_end
extern trap_common

section .bss nobits alloc noexec write align=8
fast_at:      resq 1                    ; RIP of the fault that is planned
fast_landing: resq 1                    ; where to go on
fast_rsp:     resq 1                    ; stack to go on with; 0 for a probe at CPL 0
fast_count:   resq 1
fast_code:    resq 1
fast_cr2:     resq 1
fast_rip:     resq 1

section .text progbits alloc exec nowrite align=16
bits 64
fast_pf:
    pop     qword [rel fast_code]
    pop     qword [rel fast_rip]
    push    rax
    mov     rax, [rel fast_rip]
    cmp     rax, [rel fast_at]
    jne     .unplanned
    mov     rax, cr2
    mov     [rel fast_cr2], rax
    inc     qword [rel fast_count]
    cmp     qword [rel fast_rsp], 0
    jne     fast_return
    pop     rax
    push    qword [rel fast_landing]
    iretq
.unplanned:
    pop     rax
    push    qword [rel fast_rip]
    push    qword [rel fast_code]
    push    X86_VEC_PF
    jmp     trap_common

fast_return:                            ; from CPL 1 to 3, by fault or by INT
    mov     rsp, [rel fast_rsp]
    jmp     [rel fast_landing]

fast_ring_enter:                        ; (RDI: RIP, RSI: CS, RDX: SS, RCX: address, R8: value) -> RAX value
    PUSH_CALLEE_SAVED
    mov     [rel fast_rsp], rsp
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
