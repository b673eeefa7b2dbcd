#pragma once
/* What a boot loader says, as one value, and the two parsers that fill it in: Multiboot2 (GNU, "Multiboot2
 * Specification 2.0", Boot information format) and PVH (Xen, "x86/HVM direct boot ABI"). Pure: all memory is
 * read through a view with bounds, so hostile structures are errors and never wild reads. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BOOT_LINE_SIZE   2048
#define BOOT_MAP_MAX     256
#define BOOT_MODULES_MAX 16

/* Physical memory [start, start + size) that may be read at bytes. */
struct phys_view {
    const uint8_t *bytes;
    uint64_t start;
    uint64_t size;
};

/* A half-open range of physical memory [start, end). */
struct mem_range {
    uint64_t start;
    uint64_t end;
    bool usable;
};

struct framebuffer {
    uint64_t address; /* physical; 0 where the loader gave none */
    uint32_t pitch;   /* bytes per line */
    uint32_t width;   /* pixels, or characters for type 2 */
    uint32_t height;
    uint8_t bpp;
    uint8_t type; /* 0 indexed, 1 RGB, 2 EGA text */
};

/* A copy of the SMBIOS structures, at a physical address; size 0 where the loader gave none. */
struct smbios_copy {
    uint64_t at;
    uint32_t size;
    uint8_t major, minor;
};

struct boot_info {
    const char *loader; /* "multiboot2" or "pvh" */
    char line[BOOT_LINE_SIZE];
    struct mem_range map[BOOT_MAP_MAX]; /* as given; ranges of no length are left out */
    unsigned map_count;
    struct mem_range modules[BOOT_MODULES_MAX]; /* not usable: the boot information itself and boot modules */
    unsigned module_count;
    struct framebuffer framebuffer;
    uint64_t rsdp;             /* PVH: physical address; 0 where none was given */
    uint8_t rsdp_copy[36];     /* multiboot2: the copy in the tag; new (XSDT) wins over old */
    unsigned rsdp_size;        /* 20 old, 36 new, 0 none */
    struct smbios_copy smbios; /* multiboot2 */
    uint64_t efi_system_table; /* of 64-bit EFI; 0 where none was given */
    bool efi;                  /* any EFI tag seen */
};

/*
 * Reads the structure at physical address `at` through the view. On error returns false with one sentence in
 * err that names the loader, the structure and what is wrong ("multiboot2: tag 6 at offset 72 ends outside
 * the boot information"). Errors: outside the view, misaligned, truncated, no end tag, sizes that contradict
 * each other, entry sizes below the specification's, a line without NUL or longer than BOOT_LINE_SIZE - 1,
 * more than BOOT_MAP_MAX ranges or BOOT_MODULES_MAX modules, a range that wraps around, the same single tag
 * twice, no memory map. Multiboot2: more than 1 MiB, an end tag that contradicts the size. PVH: wrong magic,
 * version 0 (no memory map); a version above 1 is read as version 1.
 */
bool mb2_parse(const struct phys_view *view, uint64_t at, struct boot_info *out, char *err, size_t err_size);
bool pvh_parse(const struct phys_view *view, uint64_t at, struct boot_info *out, char *err, size_t err_size);
