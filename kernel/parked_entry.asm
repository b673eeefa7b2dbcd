; What interrupts a parked processor: the timer by which it watches the others, and a kick. Both vectors lead here in its
; IDT (kernel/desc.h).
;
; At this moment the test may be moving the kernel's own pages from one key to another, and the default rights with
; them (kernel_set_key()). A parked processor has every key open, so this entry leaves PKRS alone, unlike those of
; trap.asm; what an old translation says of a key or of XD does not matter then, and addresses do not change.

%include "abi.inc"

global parked_entry
extern watchdog_tick

section .text progbits alloc exec nowrite align=16
bits 64
parked_entry:
    PUSH_GENERAL                        ; with what the processor has pushed a multiple of 16, as the ABI wants
    cld
    call    watchdog_tick
    POP_GENERAL
    iretq
