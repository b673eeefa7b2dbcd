; The copy of kernel/copy.h: one instruction, restartable by itself, whose RCX is the answer wherever it stops
; ("REP/REPE/REPZ/REPNE/REPNZ", SDM volume 2).

global copy_checked
global copy_at
global copy_landing

section .text progbits alloc exec nowrite align=16
bits 64
copy_checked:                           ; (RDI: to, RSI: from, RDX: size) -> RAX: bytes not copied
    mov     rcx, rdx
copy_at:
    rep movsb
copy_landing:
    mov     rax, rcx
    ret
