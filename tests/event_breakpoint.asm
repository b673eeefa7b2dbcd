; A function whose second half is executed only where it is asked for, for breakpoints.

global event_breakpoint_enter
global event_breakpoint_at

section .text progbits alloc exec nowrite align=16
bits 64
event_breakpoint_enter:                 ; (EDI: not 0 for both halves)
    test    edi, edi
    jz      event_breakpoint_out
event_breakpoint_at:
    nop
event_breakpoint_out:
    ret
