#pragma once
/* PVH start info and what it points to, built piece by piece. */

#include "boot_blob.h"

#include <stdio.h>

/* Where the pieces stand; Xen's public headers, arch-x86/hvm/start_info.h. */
enum {
    MAGIC = 0,
    VERSION = 4,
    MODULE_COUNT = 12,
    MODULES = 16,
    LINE = 24,
    RSDP = 32,
    MAP = 40,
    MAP_COUNT = 48
};
enum { INFO_SIZE = 56, MODULE_SIZE = 32, RANGE_SIZE = 24 };

/* Points the field at what is appended next. */
static inline void pvh_point(struct blob *blob, size_t field)
{
    blob_set64(blob, field, BLOB_START + blob->size);
}

static inline struct blob pvh_start(void)
{
    struct blob blob = {.size = 0};

    for (unsigned i = 0; i < INFO_SIZE / 8; i++)
        blob_put64(&blob, 0);
    blob_set32(&blob, MAGIC, 0x336ec578);
    blob_set32(&blob, VERSION, 1);
    return blob;
}

static inline void pvh_map(struct blob *blob, uint32_t count)
{
    pvh_point(blob, MAP);
    blob_set32(blob, MAP_COUNT, count);
    for (uint32_t i = 0; i < count; i++)
        blob_put_range(blob, i * 0x200000ull, 0x100000, 1 + i % 2);
}

static inline void pvh_line(struct blob *blob, const char *line)
{
    pvh_point(blob, LINE);
    blob_put(blob, line, strlen(line) + 1);
}

static inline void pvh_modules(struct blob *blob, uint32_t count)
{
    pvh_point(blob, MODULES);
    blob_set32(blob, MODULE_COUNT, count);
    for (uint32_t i = 0; i < count; i++) {
        blob_put64(blob, 0x40000000 + i * 0x1000);
        blob_put64(blob, i);
        blob_put64(blob, 0);
        blob_put64(blob, 0);
    }
}

static inline struct blob pvh_small(void)
{
    struct blob blob = pvh_start();

    pvh_map(&blob, 1);
    return blob;
}

/* The pieces stand at odd addresses, and the last byte is part of the last piece. */
static inline struct blob pvh_full(void)
{
    struct blob blob = pvh_start();

    blob_set64(&blob, RSDP, 0xf5010);
    pvh_line(&blob, "tests=self_* list"); /* 18 bytes */
    pvh_map(&blob, 3);
    blob_put(&blob, "x", 1);
    pvh_modules(&blob, 3);
    return blob;
}

static inline bool pvh_try(const struct blob *blob, struct boot_info *out, char err[ERR_SIZE])
{
    return blob_parse(pvh_parse, "pvh", blob, blob->size, 0, out, err);
}

static inline struct boot_info pvh_good(const struct blob *blob)
{
    struct boot_info out;
    char err[ERR_SIZE];

    if (!pvh_try(blob, &out, err))
        fail_msg("refused: %s", err);
    return out;
}

static inline void assert_pvh_refused(const struct blob *blob, const char *what)
{
    struct boot_info out;
    char err[ERR_SIZE], want[ERR_SIZE + 8];

    if (pvh_try(blob, &out, err))
        fail_msg("accepted, want: %s", what);
    snprintf(want, sizeof(want), "pvh: %s", what);
    assert_string_equal(err, want);
}
