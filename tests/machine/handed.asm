; What firmware may have left behind, as much of it as is legal with paging off; then the kernel's entry, with the
; loader's EAX and EBX. Assembled by handover.py as flat code for the address ORG, with ENTRY, CR4 and X2APIC.
; Addresses and bits: Intel SDM volume 3; 82093AA data sheet.

%define APIC     0xfee00000
%define IO_APIC  0xfec00000
%define MSR_BASE 0x1b

%macro msr 3                            ; number, upper half, lower half
    mov     ecx, %1
    mov     edx, %2
    mov     eax, %3
    wrmsr
%endmacro

%macro local_vector 2                   ; register, value
    mov     dword [APIC + %1], %2
%endmacro

%macro line 2                           ; number, lower half of its entry
    mov     dword [IO_APIC], 0x10 + 2 * %1
    mov     dword [IO_APIC + 0x10], %2
%endmacro

bits 32
org ORG
    mov     [saved_eax], eax
    mov     eax, cr0
    or      eax, 0x5003e                ; AM, WP, NE, ET, TS, EM, MP; WP before CR4.CET
    mov     cr0, eax
    mov     eax, CR4
    mov     cr4, eax
    msr     0xc0000080, 0, 0x801        ; EFER: NXE, SCE
    msr     0x277, 0x00070106, 0x00070106 ; PAT: write combining where reset has uncached minus
%if CR4 & 0x800000                      ; CET: shadow stacks and IBT for the supervisor
    msr     0x6a2, 0, 0x4
    msr     0x6a0, 0, 0x4
%endif
    mov     eax, ORG
    mov     dr1, eax
    mov     eax, 0x00d0070c             ; DR7: L1, G1, LE, GE: a breakpoint on writes
    mov     dr7, eax

; The local APIC on, as a BIOS leaves it, and worse: all vectors open, the timer running.
    mov     dword [APIC + 0xf0], 0x1ef
    local_vector 0x330, 0x00000033      ; thermal
    local_vector 0x340, 0x00000034      ; performance counters
    local_vector 0x350, 0x00000700      ; LINT0: ExtINT
    local_vector 0x360, 0x00000036      ; LINT1
    local_vector 0x370, 0x00000037      ; error
    mov     dword [APIC + 0x3e0], 0xb
    local_vector 0x320, 0x00020032      ; timer, periodic
    mov     dword [APIC + 0x380], 0x10000
    line    0, 0x00008050               ; open, level-triggered
    line    2, 0x00000052
    line    4, 0x0000a054
    line    23, 0x00000200              ; to SMM: not ours
%if X2APIC
    mov     ecx, MSR_BASE
    rdmsr
    or      eax, 0xc00
    wrmsr
%endif
    mov     eax, [saved_eax]
    jmp     [entry]                     ; there is no stack

entry:     dd ENTRY
saved_eax: dd 0
