#pragma once
/*
 * Memory under test that is larger than a target: 4 KiB areas, each on a page of its own of any size, alone
 * or two of them side by side with an edge between two pages, two leaf entries and two keys. For each byte
 * the test says what stands there before an access and what has to stand there afterwards.
 */

#include "target.h"

#define AREA_SIZE X86_PAGE_SIZE
#define AREAS_MAX 3

struct area {
    uint64_t va; /* of its first byte */
    unsigned level;
    uint64_t *leaf;
    uint8_t *alias;     /* the same bytes through the kernel's own mapping, on key 0 */
    uint8_t *before;    /* what stands there when the access starts */
    uint8_t *want;      /* and when it has ended */
    bool contents_open; /* what stands there afterwards is not compared, nor is D */
    bool dirty_open;    /* D is not compared: the access may count as a write that changed nothing */
};

struct areas {
    struct area area[AREAS_MAX];
    unsigned count;
    unsigned open; /* the one that areas_open() has made, 0 for none */
    enum window_half half;
};

/* One area on a page of the level. False, with a test_error(), when that is not possible; so are all of
 * these. */
bool areas_map_page(struct areas *areas, unsigned level, enum window_half half, struct entry leaf);

/* Two areas, area[1] right behind area[0]; 4 KiB and 2 MiB pages. Their edge is area[1].va. */
bool areas_map_pair(struct areas *areas, const unsigned level[2], enum window_half half,
                    const struct entry leaf[2]);

/* One more on a 4 KiB page with key 0, apart from the others, made and filled at the first call: its address,
 * or 0 with a test_error(). */
uint64_t areas_open(struct areas *areas);

void areas_unmap(struct areas *areas);

/* Every byte before and afterwards: a pattern that differs from byte to byte and from area to area. */
void areas_fill(struct areas *areas);

/* Bytes that stand at an address before, and stay. */
void areas_set(struct areas *areas, uint64_t va, const void *bytes, size_t size);

/* Bytes that an access has to leave at an address. */
void areas_expect(struct areas *areas, uint64_t va, const void *bytes, size_t size);

/* What stands at an address before, as a little-endian number of 1 to 8 bytes. */
uint64_t areas_value(const struct areas *areas, uint64_t va, unsigned bytes);

/* The state of the translations when an access starts. */
enum warmth { COLD, WARM_READ, WARM_WRITTEN, WARMTHS };

const char *warmth_name(enum warmth warmth);

/*
 * Puts the bytes of `before` into memory, clears A and D, and drops all translations; then, where it is to be
 * warm, reads or writes a byte of each area, for which the rights in force have to allow it.
 */
void areas_prepare(const struct areas *areas, enum warmth warmth);

/*
 * Compares memory with `want`, and D: set where memory had to change, and otherwise clear if it was before.
 * False if anything differs; a test_fail() as well unless `scene` is NULL.
 */
bool areas_check(const struct areas *areas, enum warmth warmth, const char *scene);
