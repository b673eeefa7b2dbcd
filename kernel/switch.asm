; From one thread to the next: stack, rights, current thread, in this order, with interrupts off.
;
; An NMI or #MC between any two of these instructions has a stack of its own, saves the register's value and
; puts it back, so it sees the old thread with its rights or the next one with its. At one boundary,
; thread_switch_committed, the register has been written and thread_current has not: thread_of() knows it by RIP.
; Where both threads have the same rights no MSR is touched.

%include "x86.inc"
%include "abi.inc"

global thread_switch
global thread_switch_committed
global thread_switch_end
global thread_entry
extern thread_main

section .text progbits alloc exec nowrite align=16
bits 64
thread_switch:                          ; (RDI: where to keep RSP, RSI: the next one's, RDX: the next thread, ECX: its rights)
    PUSH_CALLEE_SAVED
    mov     [rdi], rsp
    mov     rsp, rsi
    mov     rdi, rdx
    mov     eax, ecx
    cmp     eax, [gs:X86_PERCPU_PKRS]
    je      thread_switch_same
    mov     ecx, X86_MSR_IA32_PKRS
    xor     edx, edx
    wrmsr
thread_switch_committed:
    mov     [gs:X86_PERCPU_THREAD], rdi
    mov     [gs:X86_PERCPU_PKRS], eax
    jmp     thread_switch_done
thread_switch_same:
    mov     [gs:X86_PERCPU_THREAD], rdi
thread_switch_done:
    POP_CALLEE_SAVED
    ret
thread_switch_end:

thread_entry:                           ; where a new thread's first switch returns to
    xor     ebp, ebp                    ; a backtrace ends here
    jmp     thread_main
