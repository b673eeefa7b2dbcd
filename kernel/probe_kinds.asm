; The register probes of kernel/probe_kinds.h. All registers come from memory and go back there, RSP and the flags
; included, so the instruction may stand on any stack and a fault at its label is seen whole: the fault's
; return and the instruction's own end meet at registers_landing. Labels: probe_at_NAME.

%include "x86.inc"
%include "abi.inc"

global registers_enter
global registers_landing

REGISTERS_SIZE equ 17 * 8

section .bss nobits alloc noexec write align=8
kernel_rsp:    resq 1                   ; of the innermost probe; the outer one's is on its stack
registers_end: resq 1                   ; likewise: the end of its struct registers
seen_rsp:      resq 1
instruction:   resq 1

section .text progbits alloc exec nowrite align=16
bits 64
registers_enter:                        ; (RDI: struct registers, RSI: the instruction)
    PUSH_CALLEE_SAVED
    push    qword [rel registers_end]
    push    qword [rel kernel_rsp]
    mov     [rel kernel_rsp], rsp
    mov     [rel instruction], rsi
    lea     rax, [rdi + REGISTERS_SIZE]
    mov     [rel registers_end], rax
    mov     rsp, rdi
    POP_GENERAL
    popfq
    pop     rsp
    jmp     [rel instruction]
registers_landing:
    mov     [rel seen_rsp], rsp         ; whatever its page denies, nothing is pushed there
    mov     rsp, [rel registers_end]
    push    qword [rel seen_rsp]
    pushfq
    PUSH_GENERAL
    cld                                 ; the C ABI
    mov     rsp, [rel kernel_rsp]
    pop     qword [rel kernel_rsp]
    pop     qword [rel registers_end]
    POP_CALLEE_SAVED
    ret

%macro KIND 2+                          ; name, instruction
global probe_at_%1
probe_at_%1:
    %2
    jmp     registers_landing
%endmacro
%macro SIZED 2                          ; name, mnemonic: memory at RDI with RSI in each size
    KIND %{1}1, %2 [rdi], sil
    KIND %{1}2, %2 [rdi], si
    KIND %{1}4, %2 [rdi], esi
    KIND %{1}8, %2 [rdi], rsi
%endmacro

    KIND load1, mov al, [rdi]
    KIND load2, mov ax, [rdi]
    KIND load4, mov eax, [rdi]
    KIND load8, mov rax, [rdi]
    SIZED store, mov
    SIZED rmw_add, add
    SIZED rmw_lock_add, lock add
    SIZED rmw_xadd, xadd
    SIZED rmw_lock_xadd, lock xadd
    SIZED rmw_xchg, xchg
    SIZED rmw_cmpxchg, cmpxchg
    SIZED rmw_lock_cmpxchg, lock cmpxchg
    KIND rmw_lock_cmpxchg16b, lock cmpxchg16b [rdi]
    KIND movdqu_load, movdqu xmm0, [rdi]
    KIND movdqu_store, movdqu [rdi], xmm0
    KIND vmovdqu_load, vmovdqu ymm0, [rdi]
    KIND vmovdqu_store, vmovdqu [rdi], ymm0
    KIND vmovdqu64_load, vmovdqu64 zmm0, [rdi]
    KIND vmovdqu64_store, vmovdqu64 [rdi], zmm0
    KIND rep_movsb, rep movsb
    KIND rep_movsq, rep movsq
    KIND rep_stosb, rep stosb
    KIND rep_stosq, rep stosq
    KIND push_r, push rax
    KIND push_m, push qword [rdi]
    KIND pushfq, pushfq
    KIND pop_r, pop rax
    KIND pop_m, pop qword [rdi]
    KIND popfq, popfq
    KIND call_near, call registers_landing
    KIND call_m, call [rdi]
    KIND ret_near, ret
    KIND ret_imm, ret X86_PROBE_RET_RELEASE
    KIND enter, enter X86_PROBE_ENTER_FRAME, 0
    KIND leave, leave
    KIND fxsave, fxsave64 [rdi]
    KIND fxrstor, fxrstor64 [rdi]
    KIND xsave, xsave64 [rdi]
    KIND xrstor, xrstor64 [rdi]
    KIND clflush, clflush [rdi]
    KIND clflushopt, clflushopt [rdi]
    KIND clwb, clwb [rdi]
    KIND prefetcht0, prefetcht0 [rdi]
    KIND prefetcht1, prefetcht1 [rdi]
    KIND prefetcht2, prefetcht2 [rdi]
    KIND prefetchnta, prefetchnta [rdi]
    KIND prefetchw, prefetchw [rdi]
