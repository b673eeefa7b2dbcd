#pragma once
/* Multiboot2 boot information, built tag by tag. */

#include "boot_blob.h"

#include <stdio.h>

/* The types of GNU, "Multiboot2 Specification version 2.0", "Boot information format". */
enum { END, LINE, NAME, MODULE, MEMORY, DEVICE, MAP, VBE, FRAMEBUFFER, ELF, APM, EFI32, EFI64 };
enum { SMBIOS = 13, RSDP_OLD, RSDP_NEW, NETWORK, EFI_MAP, EFI_SERVICES, EFI32_IMAGE, EFI64_IMAGE, LOAD_BASE };

static inline void mb2_pad(struct blob *blob)
{
    while (blob->size % 8 != 0)
        blob_put(blob, &(uint8_t){0xee}, 1);
}

static inline struct blob mb2_start(void)
{
    struct blob blob = {.size = 0};

    blob_put64(&blob, 0);
    return blob;
}

/* Appends a tag and returns its offset. */
static inline size_t mb2_tag(struct blob *blob, uint32_t type, const void *body, size_t size)
{
    size_t at;

    mb2_pad(blob);
    at = blob->size;
    blob_put32(blob, type);
    blob_put32(blob, (uint32_t)(size + 8));
    blob_put(blob, body, size);
    return at;
}

static inline size_t mb2_line(struct blob *blob, const char *line)
{
    return mb2_tag(blob, LINE, line, strlen(line) + 1);
}

static inline size_t mb2_module(struct blob *blob, uint32_t start, uint32_t end)
{
    const uint32_t body[] = {start, end, 0x646f6d}; /* "mod" */

    return mb2_tag(blob, MODULE, body, sizeof(body));
}

/* A memory map of count ranges of 1 MiB, 2 MiB apart, usable and not in turn. */
static inline size_t mb2_map(struct blob *blob, unsigned count)
{
    size_t at = mb2_tag(blob, MAP, (const uint32_t[]){24, 0}, 8);

    for (unsigned i = 0; i < count; i++)
        blob_put_range(blob, i * 0x200000ull, 0x100000, 1 + i % 2);
    blob_set32(blob, at + 4, 16 + count * 24);
    return at;
}

static inline size_t mb2_framebuffer(struct blob *blob)
{
    size_t at = mb2_tag(blob, FRAMEBUFFER, &(uint64_t){0xfd000000}, 8);

    blob_put32(blob, 3200); /* pitch */
    blob_put32(blob, 800);
    blob_put32(blob, 600);
    blob_put(blob, (const uint8_t[]){32, 1, 0, 0}, 4);
    blob_set32(blob, at + 4, (uint32_t)(blob->size - at));
    return at;
}

/* Appends the end tag and writes the size of everything. */
static inline void mb2_end(struct blob *blob)
{
    mb2_tag(blob, END, "", 0);
    blob_set32(blob, 0, (uint32_t)blob->size);
}

/* Every kind of tag, known and not. */
static inline struct blob mb2_full(void)
{
    struct blob blob = mb2_start();
    uint8_t rsdp[36];

    memset(rsdp, 0x11, sizeof(rsdp));
    mb2_line(&blob, "tests=self_* list");
    mb2_tag(&blob, NAME, "GRUB 2.06", 10);
    mb2_module(&blob, 0x200000, 0x201234);
    mb2_tag(&blob, MEMORY, (const uint32_t[]){640, 65536}, 8);
    mb2_map(&blob, 3);
    mb2_framebuffer(&blob);
    mb2_tag(&blob, ELF, rsdp, 13);
    mb2_tag(&blob, EFI64, &(uint64_t){0x7f000018}, 8);
    mb2_tag(&blob, RSDP_OLD, rsdp, 20);
    mb2_tag(&blob, RSDP_NEW, rsdp, 36);
    mb2_tag(&blob, EFI_MAP, rsdp, 33);
    mb2_tag(&blob, LOAD_BASE, &(uint32_t){0x100000}, 4);
    mb2_tag(&blob, 0xffffffff, rsdp, 1);
    mb2_end(&blob);
    return blob;
}

/* A memory map and nothing else. */
static inline struct blob mb2_small(void)
{
    struct blob blob = mb2_start();

    mb2_map(&blob, 1);
    mb2_end(&blob);
    return blob;
}

static inline bool mb2_try(const struct blob *blob, struct boot_info *out, char err[ERR_SIZE])
{
    return blob_parse(mb2_parse, "multiboot2", blob, blob->size, 0, out, err);
}

static inline struct boot_info mb2_good(const struct blob *blob)
{
    struct boot_info out;
    char err[ERR_SIZE];

    if (!mb2_try(blob, &out, err))
        fail_msg("refused: %s", err);
    return out;
}

static inline void assert_mb2_refused(const struct blob *blob, const char *want)
{
    struct boot_info out;
    char err[ERR_SIZE];

    if (mb2_try(blob, &out, err))
        fail_msg("accepted, want: %s", want);
    assert_string_equal(err, want);
}

/* The structure ended, with a memory map if it has none yet. */
static inline struct blob mb2_ended(struct blob blob, bool map)
{
    if (map)
        mb2_map(&blob, 1);
    mb2_end(&blob);
    return blob;
}

/* Ends the structure with a map and expects "multiboot2: <what>". */
static inline void assert_tag_refused(const struct blob *start, bool map, const char *what)
{
    struct blob blob = mb2_ended(*start, map);
    char want[ERR_SIZE];

    snprintf(want, sizeof(want), "multiboot2: %s", what);
    assert_mb2_refused(&blob, want);
}
