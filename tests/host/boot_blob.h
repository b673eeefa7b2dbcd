#pragma once
/* Boot information as bytes, and what must hold whatever a parser is given. */

#include "host.h"

#include "boot_info.h"
#include "rng.h"

#define BLOB_START 0x12340000 /* the physical address of the first byte */
#define ERR_SIZE   256

struct blob {
    uint8_t bytes[16384];
    size_t size;
};

typedef bool boot_parser(const struct phys_view *view, uint64_t at, struct boot_info *out, char *err,
                         size_t err_size);

static inline void blob_put(struct blob *blob, const void *from, size_t size)
{
    assert_true(blob->size + size <= sizeof(blob->bytes));
    memcpy(blob->bytes + blob->size, from, size);
    blob->size += size;
}

static inline void blob_put32(struct blob *blob, uint32_t value)
{
    blob_put(blob, &value, sizeof(value));
}

static inline void blob_put64(struct blob *blob, uint64_t value)
{
    blob_put(blob, &value, sizeof(value));
}

static inline void blob_set32(struct blob *blob, size_t at, uint32_t value)
{
    memcpy(blob->bytes + at, &value, sizeof(value));
}

static inline void blob_set64(struct blob *blob, size_t at, uint64_t value)
{
    memcpy(blob->bytes + at, &value, sizeof(value));
}

/* One entry of a memory map; both loaders use the same 24 bytes. */
static inline void blob_put_range(struct blob *blob, uint64_t start, uint64_t size, uint32_t type)
{
    blob_put64(blob, start);
    blob_put64(blob, size);
    blob_put32(blob, type);
    blob_put32(blob, 0);
}

static inline void assert_ranges(const struct mem_range *ranges, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        assert_true(ranges[i].start < ranges[i].end);
}

/* Parses an exact copy of the first size bytes; at counts from the first byte. */
static inline bool blob_parse(boot_parser *parser, const char *loader, const struct blob *blob, size_t size,
                              uint64_t at, struct boot_info *out, char err[ERR_SIZE])
{
    uint8_t *copy = exact_copy(blob->bytes, size);
    struct phys_view view = {copy, BLOB_START, size};
    bool ok;

    memset(out, 0xa5, sizeof(*out));
    ok = parser(&view, BLOB_START + at, out, err, ERR_SIZE);
    exact_free(copy);
    if (!ok) {
        assert_message(err);
        assert_true(strlen(err) < ERR_SIZE - 1); /* not cut */
        assert_memory_equal(err, loader, strlen(loader));
        assert_memory_equal(err + strlen(loader), ": ", 2);
        return false;
    }
    assert_string_equal(err, "");
    assert_string_equal(out->loader, loader);
    assert_true(strlen(out->line) < sizeof(out->line));
    assert_in_range(out->map_count, 1, BOOT_MAP_MAX);
    assert_in_range(out->module_count, 1, BOOT_MODULES_MAX);
    assert_ranges(out->map, out->map_count);
    assert_ranges(out->modules, out->module_count);
    assert_true(out->rsdp_size == 0 || out->rsdp_size == 20 || out->rsdp_size == 36);
    return true;
}

/* Damages the blob in every bit, and by many random changes of up to four words. Any outcome is right that
 * blob_parse() accepts; the sanitizers and exact memory watch the reads. */
static inline void blob_damage(boot_parser *parser, const char *loader, const struct blob *blob)
{
    static const uint32_t hostile[] = {0, 1, 3, 7, 8, 24, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff};
    struct blob damaged;
    struct boot_info out;
    char err[ERR_SIZE];
    uint64_t seed = 1;
    unsigned good = 0;

    for (size_t bit = 0; bit < blob->size * 8; bit++) {
        damaged = *blob;
        damaged.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        good += blob_parse(parser, loader, &damaged, damaged.size, 0, &out, err);
    }
    assert_in_range(good, 1, blob->size * 8 - 1); /* some damage is seen, some is in what nobody reads */
    for (unsigned round = 0; round < 20000; round++) {
        damaged = *blob;
        for (uint64_t n = rng_next(&seed) % 4 + 1; n > 0; n--)
            blob_set32(&damaged, rng_next(&seed) % (blob->size / 4) * 4,
                       rng_next(&seed) & 1 ? hostile[rng_next(&seed) % COUNT(hostile)]
                                           : (uint32_t)rng_next(&seed));
        blob_parse(parser, loader, &damaged, damaged.size - rng_next(&seed) % 3, 0, &out, err);
    }
}
