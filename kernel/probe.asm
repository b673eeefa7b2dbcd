; The probes of kernel/probe.h: RDI and RSI are the operands, RAX the value. Each is a leaf function that uses no
; stack, so a fault at its label resumes at a RET. Labels: probe_fn_NAME and probe_at_NAME.

%include "x86.inc"

global probe_landing
global probe_landing_called

section .text progbits alloc exec nowrite align=16
bits 64

%macro PROBE 1
global probe_fn_%1
global probe_at_%1
probe_fn_%1:
%endmacro

PROBE read1
    xor     eax, eax
probe_at_read1:
    mov     al, [rdi]
    ret

PROBE read2
    xor     eax, eax
probe_at_read2:
    mov     ax, [rdi]
    ret

PROBE read4
probe_at_read4:
    mov     eax, [rdi]
    ret

PROBE read8
probe_at_read8:
    mov     rax, [rdi]
    ret

PROBE write1
probe_at_write1:
    mov     [rdi], sil
    ret

PROBE write2
probe_at_write2:
    mov     [rdi], si
    ret

PROBE write4
probe_at_write4:
    mov     [rdi], esi
    ret

PROBE write8
probe_at_write8:
    mov     [rdi], rsi
    ret

PROBE add8
probe_at_add8:
    add     [rdi], rsi
    ret

PROBE locked8
probe_at_locked8:
    lock add [rdi], rsi
    ret

PROBE fetch
probe_at_fetch:
    call    rdi
    ret

PROBE rdmsr
    mov     ecx, edi
    xor     eax, eax
    xor     edx, edx
probe_at_rdmsr:
    rdmsr
    shl     rdx, 32
    or      rax, rdx
    ret

PROBE wrmsr
    mov     ecx, edi
    mov     eax, esi
    mov     rdx, rsi
    shr     rdx, 32
probe_at_wrmsr:
    wrmsr
    ret

PROBE cr4_write
probe_at_cr4_write:
    mov     cr4, rdi
    ret

PROBE load_fs
probe_at_load_fs:
    mov     fs, edi
    ret

PROBE ud2
probe_at_ud2:
    ud2
    ret

probe_landing_called:                   ; behind a CALL whose target faulted
    add     rsp, 8
probe_landing:
    ret
