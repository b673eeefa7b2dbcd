; How the image is found: a Multiboot2 header for GRUB and a PVH note for `qemu -kernel`.
; Sources: GNU Multiboot2 Specification 2.0, "OS image format"; Xen, "x86/HVM direct boot ABI".

extern mb2_start
extern pvh_start

MB2_MAGIC        equ 0xe85250d6
MB2_ARCH_I386    equ 0
MB2_TAG_END      equ 0
MB2_TAG_SCREEN   equ 5                  ; framebuffer: width, height, depth
MB2_OPTIONAL     equ 1                  ; start all the same where there is none
PVH_NOTE_ENTRY   equ 18                 ; XEN_ELFNOTE_PHYS32_ENTRY

section .multiboot2 progbits alloc noexec nowrite align=8
header:
    dd MB2_MAGIC
    dd MB2_ARCH_I386
    dd header_end - header
    dd 0x100000000 - (MB2_MAGIC + MB2_ARCH_I386 + (header_end - header))
; A screen of pixels in whatever size the firmware prefers; without one GRUB leaves VGA text or nothing.
    dw MB2_TAG_SCREEN, MB2_OPTIONAL
    dd 20
    dd 0, 0, 32
    align 8, db 0
    dw MB2_TAG_END, 0
    dd 8
header_end:

section .note.pvh note alloc noexec nowrite align=4
    dd name_end - name
    dd desc_end - desc
    dd PVH_NOTE_ENTRY
name:
    db "Xen", 0
name_end:
desc:
    dd pvh_start
desc_end:
