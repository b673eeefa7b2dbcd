; The least that boots by Multiboot2 and PVH: it leaves QEMU at once. What `make bench` subtracts from a run.

section .multiboot2 progbits alloc noexec nowrite align=8
header:
    dd 0xe85250d6, 0, end - header, 0x100000000 - (0xe85250d6 + end - header)
    dw 0, 0
    dd 8
end:

section .note.pvh note alloc noexec nowrite align=4
    dd 4, 4, 18
    db "Xen", 0
    dd start

section .text progbits alloc exec nowrite align=16
bits 32
global start
start:
    mov     al, 8                       ; isa-debug-exit: status 17
    out     0xf4, al
    hlt
