; Probes of kernel/probe.h in which WRMSR to IA32_PKRS and an access stand next to each other: RDI is the address,
; the low half of RSI the value of PKRS. The write stores all of RSI.

%include "x86.inc"

section .text progbits alloc exec nowrite align=16
bits 64

%macro PROBE_WRMSR 1
global probe_fn_%1
global probe_at_%1
probe_fn_%1:
    mov     ecx, X86_MSR_IA32_PKRS
    mov     eax, esi
    xor     edx, edx
    wrmsr
%endmacro

PROBE_WRMSR pkrs_read8
probe_at_pkrs_read8:
    mov     rax, [rdi]
    ret

PROBE_WRMSR pkrs_write8
probe_at_pkrs_write8:
    mov     [rdi], rsi
    ret
