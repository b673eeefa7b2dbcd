; The way in and out of every exception and interrupt: 256 stubs, one common path, and the frame that
; kernel/trap.h declares in the order of the pushes below. kernel/pks/README.md gives the rules and their arguments.
;
; The frame holds the *hardware* PKRS of the interrupted context, read from the register and never from a
; software copy; the handler runs with the default rights; leaving restores the frame's value. Hardware neither
; saves nor changes PKRS (SDM volume 3, "Protection Keys"; event delivery and IRET do not mention it), so
; these two places are all there is. Where the processor has no PKS nothing is touched.
;
; #DB has an instance of its own that clears DR7 before anything else and loads step_dr7 on its way out, so
; that the common instance can be stepped and can hold breakpoints.

%include "x86.inc"
%include "abi.inc"

global trap_stubs
global trap_stub_size
global trap_common
global trap_common_end
global trap_debug
global desc_reload_segments
extern trap_dispatch
extern pks_present
extern pks_default
extern pks_copy
extern step_dr7

STUB_SIZE equ 16

section .rodata progbits alloc noexec nowrite align=8
trap_stub_size: dq STUB_SIZE

section .text progbits alloc exec nowrite align=16
bits 64
align 16
trap_stubs:
%assign vector 0
%rep X86_VECTORS
    align STUB_SIZE
  %if vector >= 32 || !((X86_EC_VECTORS >> vector) & 1)
    push    0                           ; the processor pushes no error code for this vector
  %endif
    push    vector
    jmp     trap_common
  %assign vector vector + 1
%endrep
    align STUB_SIZE

%macro TRAP_ENTER 0
    cld                                 ; the C ABI; IRET brings the interrupted flag back
    mov     rax, cr2                    ; a nested page fault overwrites it
    push    rax
    xor     eax, eax
    cmp     byte [rel pks_present], 0
    je      %%saved
    mov     ecx, X86_MSR_IA32_PKRS
    rdmsr
    mov     ebx, eax                    ; bits 63:32 are reserved and zero
    mov     eax, [rel pks_default]
    cmp     eax, ebx
    je      %%default                   ; the register itself says so
    xor     edx, edx
    wrmsr
%%default:
    mov     [rel pks_copy], eax         ; in any case: the event may have come between a WRMSR and its copy
    mov     eax, ebx
%%saved:
    push    rax
    xor     ebp, ebp                    ; a backtrace goes on from the frame, not through the stub
    mov     rdi, rsp
%endmacro

%macro TRAP_LEAVE 0
    pop     rax
    cmp     byte [rel pks_present], 0
    je      %%restored
    cmp     eax, [rel pks_copy]         ; here the copy is true: the handler is through with its changes
    je      %%restored
    mov     ecx, X86_MSR_IA32_PKRS
    xor     edx, edx
    wrmsr
    mov     [rel pks_copy], eax
%%restored:
    pop     rax                         ; CR2 is not restored: nothing may rely on it after a return
%endmacro

align 16
trap_common:
    PUSH_GENERAL
    TRAP_ENTER
    call    trap_dispatch
    TRAP_LEAVE
    POP_GENERAL
    add     rsp, 16                     ; vector and error code
    iretq
trap_common_end:

trap_debug:
    push    0
    push    X86_VEC_DB
    PUSH_GENERAL
    xor     eax, eax
    mov     dr7, rax
    TRAP_ENTER
    call    trap_dispatch
    TRAP_LEAVE
    mov     rax, [rel step_dr7]
    mov     dr7, rax
    POP_GENERAL
    add     rsp, 16
    iretq

desc_reload_segments:
    mov     eax, X86_SEG_DATA
    mov     ss, eax
    mov     ds, eax
    mov     es, eax
    xor     eax, eax
    mov     fs, eax
    mov     gs, eax
    pop     rax
    push    X86_SEG_CODE64
    push    rax
    retfq
