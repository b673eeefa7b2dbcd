#include "areas.h"

#include "frames.h"

#define SLOT      20
#define OPEN_SLOT 21

/* The 4 KiB pieces of target_memory(), by offset: the last of a page, the first of the next, and one apart.
 */
#define BELOW_EDGE (level_size(LEVEL_2M) - AREA_SIZE)
#define ABOVE_EDGE 0
#define APART      (level_size(LEVEL_2M) / 2)

static uint8_t images[AREAS_MAX][2][AREA_SIZE]
    __attribute__((aligned(8))); /* before and afterwards; one test runs at a time */

/* memcpy() and memcmp() by words: all areas are written and compared for each access, and an emulator runs
 * string instructions byte by byte. */
#define AREA_WORDS (AREA_SIZE / sizeof(uint64_t))

static uint64_t *words(uint8_t *bytes)
{
    return (uint64_t *)(void *)bytes;
}

static void copy(uint8_t *to, uint8_t *from)
{
    for (unsigned w = 0; w < AREA_WORDS; w++)
        words(to)[w] = words(from)[w];
}

static bool differ(uint8_t *a, uint8_t *b)
{
    for (unsigned w = 0; w < AREA_WORDS; w++)
        if (words(a)[w] != words(b)[w])
            return true;
    return false;
}

/* Maps the page of a level so that the piece of memory at `offset` stands at va. */
static bool add(struct areas *areas, uint64_t va, unsigned level, uint64_t offset, struct entry leaf)
{
    uint64_t physical = target_memory() + offset;
    uint64_t inside = physical & (level_size(level) - 1);
    struct area *area = &areas->area[areas->count];
    enum map_result result;

    if (!target_memory()) {
        test_error("areas: no 2 MiB run of memory is free");
        return false;
    }
    leaf.address = physical - inside;
    result = page_map(space_current(), va & ~(level_size(level) - 1), level, leaf);
    if (result != MAP_OK) {
        test_error("areas: mapping 0x%lx at level %u gives %d", va, level, result);
        return false;
    }
    *area = (struct area){
        .va = va,
        .level = level,
        .leaf = page_walk(space_current(), va, level, false, NULL),
        .alias = frame_pointer(physical),
        .before = images[areas->count][0],
        .want = images[areas->count][1],
    };
    areas->count++;
    return true;
}

bool areas_map_page(struct areas *areas, unsigned level, enum window_half half, struct entry leaf)
{
    uint64_t inside = target_memory() & (level_size(level) - 1);

    *areas = (struct areas){.half = half};
    return add(areas, window_address(half, SLOT) + inside, level, 0, leaf);
}

bool areas_map_pair(struct areas *areas, const unsigned level[2], enum window_half half,
                    const struct entry leaf[2])
{
    uint64_t edge = window_address(half, SLOT) + level_size(LEVEL_1G) / 2;

    *areas = (struct areas){.half = half};
    return add(areas, edge - AREA_SIZE, level[0], BELOW_EDGE, leaf[0]) &&
           add(areas, edge, level[1], ABOVE_EDGE, leaf[1]);
}

void areas_unmap(struct areas *areas)
{
    for (unsigned i = 0; i < areas->count; i++)
        page_unmap(space_current(), areas->area[i].va);
    areas->count = 0;
}

static void fill(struct area *area, unsigned i)
{
    for (unsigned w = 0; w < AREA_WORDS; w++)
        words(area->before)[w] = 0x9e3779b97f4a7c15 * (w + 1 + AREA_WORDS * i); /* neighbours differ */
    copy(area->want, area->before);
    area->contents_open = area->dirty_open = false;
}

void areas_fill(struct areas *areas)
{
    for (unsigned i = 0; i < areas->count; i++)
        fill(&areas->area[i], i);
}

uint64_t areas_open(struct areas *areas)
{
    if (!areas->open) {
        if (!add(areas, window_address(areas->half, OPEN_SLOT), LEVEL_4K, APART, target_page(0)))
            return 0;
        areas->open = areas->count - 1;
        fill(&areas->area[areas->open], areas->open);
    }
    return areas->area[areas->open].va;
}

/* The area that a byte stands in; NULL, which is our mistake, if there is none. */
static const struct area *area_of(const struct areas *areas, uint64_t va)
{
    for (unsigned i = 0; i < areas->count; i++)
        if (va - areas->area[i].va < AREA_SIZE)
            return &areas->area[i];
    test_error("areas: 0x%lx is in none of them", va);
    return NULL;
}

static void put(struct areas *areas, uint64_t va, const uint8_t *bytes, size_t size, bool before)
{
    for (size_t i = 0; i < size; i++) {
        const struct area *area = area_of(areas, va + i);

        if (!area)
            return;
        area->want[va + i - area->va] = bytes[i];
        if (before)
            area->before[va + i - area->va] = bytes[i];
    }
}

void areas_set(struct areas *areas, uint64_t va, const void *bytes, size_t size)
{
    put(areas, va, bytes, size, true);
}

void areas_expect(struct areas *areas, uint64_t va, const void *bytes, size_t size)
{
    put(areas, va, bytes, size, false);
}

uint64_t areas_value(const struct areas *areas, uint64_t va, unsigned bytes)
{
    uint64_t value = 0;

    for (unsigned i = bytes; i-- > 0;) {
        const struct area *area = area_of(areas, va + i);

        value = value << 8 | (area ? area->before[va + i - area->va] : 0);
    }
    return value;
}

const char *warmth_name(enum warmth warmth)
{
    return warmth == COLD ? "cold" : warmth == WARM_READ ? "warm by a read" : "warm by a write";
}

void areas_prepare(const struct areas *areas, enum warmth warmth)
{
    for (unsigned i = 0; i < areas->count; i++) {
        const struct area *area = &areas->area[i];
        volatile uint8_t *byte = (volatile uint8_t *)(uintptr_t)area->va;

        copy(area->alias, area->before);
        *area->leaf &= ~(uint64_t)(X86_PTE_A | X86_PTE_D);
        invlpg(area->va);
        if (warmth == WARM_READ)
            (void)*byte;
        if (warmth == WARM_WRITTEN)
            *byte = area->before[0];
    }
}

/* Says which byte differs. */
static void report_bytes(const struct area *area, unsigned i, const char *scene)
{
    for (unsigned at = 0; at < AREA_SIZE; at++) {
        if (area->alias[at] == area->want[at])
            continue;
        test_fail("byte 0x%x of page %u: want 0x%x got 0x%x; %s", at, i, area->want[at], area->alias[at],
                  scene);
        return;
    }
}

static bool check(const struct area *area, unsigned i, enum warmth warmth, const char *scene)
{
    bool bytes = !differ(area->alias, area->want);
    bool changed = differ(area->before, area->want);
    struct entry e = entry_decode(*area->leaf, area->level);
    bool flags = changed ? e.accessed && e.dirty : warmth == WARM_WRITTEN || area->dirty_open || !e.dirty;

    if (area->contents_open || !scene)
        return area->contents_open || (bytes && flags);
    if (!bytes)
        report_bytes(area, i, scene);
    if (!flags)
        test_fail("page %u has A=%u D=%u, and memory %s; %s", i, e.accessed, e.dirty,
                  changed ? "had to change" : "had to stay", scene);
    return bytes && flags;
}

bool areas_check(const struct areas *areas, enum warmth warmth, const char *scene)
{
    bool all = true;

    for (unsigned i = 0; i < areas->count; i++)
        all &= check(&areas->area[i], i, warmth, scene);
    return all;
}
