; Events on a stack of the test's own, for registers_enter() of kernel/probe_kinds.asm. Nothing uses the stack
; but the processor.

%include "x86.inc"

global event_denied_int
global event_denied_ud
global event_denied_next
extern registers_landing

section .text progbits alloc exec nowrite align=16
bits 64
event_denied_int:
    int     X86_VEC_EVENT_START
event_denied_next:
    jmp     registers_landing
event_denied_ud:
    ud2
