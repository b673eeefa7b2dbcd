; The only words of a machine that cannot run the kernel: what its processor lacks, on COM1, and the end with
; status "error". 32-bit code, no stack beyond the boot stack, no C.

%include "x86.inc"

global early_refuse

COM1      equ 0x3f8
LSR       equ 5                         ; line status register
LSR_READY equ 0x20                      ; transmitter holding register empty
LSR_EMPTY equ 0x40                      ; transmitter empty
POLLS     equ 100000                    ; polls of about 1 us, far above 16 characters at 115200 baud

section .rodata progbits alloc noexec nowrite align=8
uart_setup:                             ; offset, value: no interrupts, 115200 baud, 8N1, FIFOs on
    db 1, 0x00, 3, 0x80, 0, 0x01, 1, 0x00, 3, 0x03, 2, 0x07, 4, 0x03
uart_setup_end:
text_head:  db 13, 10, "latchkey: this processor lacks", 0
text_tail:  db 13, 10, 0
text_lacks:                             ; in the order of the X86_LACKS_* bits
    dd text_pae, text_lm, text_nx, text_cpuid
text_lacks_end:
text_pae:   db " PAE", 0
text_lm:    db " long-mode", 0
text_nx:    db " NX", 0
text_cpuid: db " CPUID", 0

section .text progbits alloc exec nowrite align=16
bits 32
early_refuse:                           ; ESI: X86_LACKS_* bits
    mov     ebp, esi
    mov     esi, uart_setup
.setup:
    movzx   edx, byte [esi]
    add     edx, COM1
    mov     al, [esi + 1]
    out     dx, al
    add     esi, 2
    cmp     esi, uart_setup_end
    jb      .setup
    mov     esi, text_head
    call    put_text
    xor     ebx, ebx
.next:
    bt      ebp, ebx
    jnc     .absent
    mov     esi, [text_lacks + ebx * 4]
    call    put_text
.absent:
    inc     ebx
    cmp     ebx, (text_lacks_end - text_lacks) / 4
    jb      .next
    mov     esi, text_tail
    call    put_text
    mov     ah, LSR_EMPTY
    call    wait_line
    test    ebp, X86_LACKS_CPUID        ; without CPUID nothing shows a hypervisor, so no exit port
    jnz     .halt
    mov     eax, X86_CPUID_FEATURES
    cpuid
    test    ecx, X86_CPUID_1_ECX_HYPERVISOR
    jz      .halt
    mov     al, X86_EXIT_ERROR
    out     X86_EXIT_PORT, al
.halt:
    hlt
    jmp     .halt

put_text:                               ; ESI: text ending in 0
    lodsb
    test    al, al
    jz      .done
    mov     ah, LSR_READY
    push    eax
    call    wait_line
    pop     eax
    mov     dx, COM1
    out     dx, al
    jmp     put_text
.done:
    ret

wait_line:                              ; AH: line status bit to wait for, at most POLLS polls
    mov     ecx, POLLS
    mov     dx, COM1 + LSR
.poll:
    in      al, dx
    test    al, ah
    jnz     .ready
    loop    .poll
.ready:
    ret
