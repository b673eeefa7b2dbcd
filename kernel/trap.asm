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
;
; A vector whose gate names an IST stack has an instance that guards it: kernel/ist.h says how.

%include "x86.inc"
%include "abi.inc"

global trap_stubs
global trap_stub_size
global trap_common
global trap_common_end
global trap_spare_stubs
global trap_spare_stub_size
global trap_ist_entry
global trap_ist_entered
global trap_ist_return
global trap_syscall
global trap_sysret
global desc_reload_segments
extern trap_dispatch
extern pks_present
extern pks_default
extern step_dr7

STUB_SIZE equ 16
SPARE_STUB_SIZE equ 32

section .rodata progbits alloc noexec nowrite align=8
trap_stub_size: dq STUB_SIZE
trap_spare_stub_size: dq SPARE_STUB_SIZE
; By IST number: the instance of the vector that the stack belongs to, behind its first instruction, and the IRET.
trap_ist_entry:   dq 0, trap_ist1, trap_ist2, trap_ist3, trap_ist4, 0
trap_ist_entered: dq 0, trap_ist1.claimed, trap_ist2.claimed, trap_ist3.claimed, trap_ist4.claimed, 0
trap_ist_return:  dq 0, trap_ist1.return, trap_ist2.return, trap_ist3.return, trap_ist4.return, trap_ist5.return

section .text progbits alloc exec nowrite align=16
bits 64
align 16
%macro STUB 2                           ; vector, where it goes on
  %if %1 >= 32 || !((X86_EC_VECTORS >> %1) & 1)
    push    0                           ; the processor pushes no error code for this vector
  %endif
    push    %1
    jmp     %2
%endmacro

%macro IST_CLAIM 1                      ; IST number: the first instruction of every entry on that stack
    sub     qword [gs:X86_PERCPU_TSS + X86_TSS_IST1 + 8 * (%1 - 1)], X86_IST_SLICE
%endmacro

trap_stubs:
%assign vector 0
%rep X86_VECTORS
    align STUB_SIZE
    STUB    vector, trap_common
  %assign vector vector + 1
%endrep
    align SPARE_STUB_SIZE
trap_spare_stubs:                       ; the same for gates on the spare stack
%assign vector 0
%rep X86_VECTORS
    align SPARE_STUB_SIZE
    IST_CLAIM X86_IST_SPARE
    STUB    vector, trap_ist5
  %assign vector vector + 1
%endrep
    align STUB_SIZE

; An event leaves the register as it found it and the copy equal to the register: all else follows from that, for an
; event between any two of these instructions too (kernel/pks/README.md, "What entry and exit promise").
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
    mov     [gs:X86_PERCPU_PKRS], eax   ; in any case: the event may have come between a WRMSR and its copy
    mov     eax, ebx
%%saved:
    push    rax
    xor     ebp, ebp                    ; a backtrace goes on from the frame, not through the stub
    mov     rdi, rsp
%endmacro

%macro TRAP_LEAVE 1                     ; IST number or 0
    pop     rax
    cmp     byte [rel pks_present], 0
    je      %%restored
    cmp     eax, [gs:X86_PERCPU_PKRS]   ; here the copy is true: the handler is through with its changes
    je      %%restored
    mov     ecx, X86_MSR_IA32_PKRS
    xor     edx, edx
    wrmsr
    mov     [gs:X86_PERCPU_PKRS], eax   ; behind the WRMSR: an event between the two stores the same value
%%restored:
    pop     rax
  %if %1
    mov     cr2, rax                    ; this may have come in a page fault's entry, before CR2 was read
  %endif
%endmacro

%macro TRAP_BODY 2                      ; IST number or 0, 1 for #DB
    PUSH_GENERAL
  %if %2
    xor     eax, eax
    mov     dr7, rax
  %endif
    TRAP_ENTER
    mov     esi, %1
    call    trap_dispatch
    TRAP_LEAVE %1
  %if %2
    mov     rax, [rel step_dr7]
    mov     dr7, rax
  %endif
    POP_GENERAL
%endmacro

align 16
trap_common:
    TRAP_BODY 0, 0
    add     rsp, 16                     ; vector and error code
    iretq
trap_common_end:

%macro IST_RETURN 1                     ; IST number
    add     rsp, 16 + X86_IRET_SIZE     ; vector, error code, what the processor pushed: there is a copy behind it
    add     qword [gs:X86_PERCPU_TSS + X86_TSS_IST1 + 8 * (%1 - 1)], X86_IST_SLICE
.return:
    iretq
%endmacro

%macro IST_INSTANCE 2                   ; IST number, its vector
trap_ist%1:
    IST_CLAIM %1
.claimed:
  %if !((X86_EC_VECTORS >> %2) & 1)
    push    0
  %endif
    push    %2
  %if %2 == X86_VEC_DB
    TRAP_BODY %1, 1
  %else
    TRAP_BODY %1, 0
  %endif
    IST_RETURN %1
%endmacro

    IST_INSTANCE X86_IST_DF, X86_VEC_DF
    IST_INSTANCE X86_IST_NMI, X86_VEC_NMI
    IST_INSTANCE X86_IST_MC, X86_VEC_MC
    IST_INSTANCE X86_IST_DB, X86_VEC_DB
trap_ist5:
    TRAP_BODY X86_IST_SPARE, 0
    IST_RETURN X86_IST_SPARE

;
; SYSCALL changes neither RSP nor PKRS ("SYSCALL", SDM volume 2) and pushes nothing: the frame is made by hand, on
; the stack that an event at CPL 3 would get. FMASK has cleared IF and TF; until RSP is the kernel's, and again
; from POP RSP on, only NMI, #MC and #DB can come, which have stacks of their own. SYSRET takes RIP from RCX: the
; handler must leave a canonical one, or #GP arrives at CPL 0 on the program's stack.
;
trap_syscall:
    mov     [gs:X86_PERCPU_PROGRAM_RSP], rsp
    mov     rsp, [gs:X86_PERCPU_TSS + X86_TSS_RSP0]
    push    X86_SEG_USER_DATA | X86_SEG_RPL_USER
    push    qword [gs:X86_PERCPU_PROGRAM_RSP]
    push    r11
    push    X86_SEG_USER_CODE64 | X86_SEG_RPL_USER
    push    rcx
    push    0
    push    X86_VEC_SYSCALL
    TRAP_BODY 0, 0
    add     rsp, 16
    pop     rcx
    add     rsp, 8                      ; CS: STAR has it, and SS
    pop     r11
    pop     rsp
trap_sysret:
    o64 sysret

desc_reload_segments:
    mov     eax, X86_SEG_DATA
    mov     ss, eax
    mov     ds, eax
    mov     es, eax
    xor     eax, eax
    mov     fs, eax
    pop     rax
    push    X86_SEG_CODE64
    push    rax
    retfq
