/*
 * A huge page that is replaced by a table of small ones: each small page then has the key of its own entry
 * (SDM volume 3, "Protection Keys"; the order of the steps is that of "Recommended Invalidation" for a change
 * of page size: clear P, invalidate, set the new entry). The huge page's translation is filled first, at
 * several places, because a processor may cache it as a whole or in pieces.
 *
 * The small pages get keys in turn. PKRS takes four values: in value b, AD is set for the keys whose number
 * has bit b set, so that the four answers of a page spell its key; key 0, the kernel's, stays open in all.
 */
#include "tlb.h"

#include "frames.h"

#define KEY_HUGE  6 /* even: open in the first value of PKRS */
#define SLOT      7
#define KEY_BITS  4
#define INSIDE(t) ((t)->va % X86_PAGE_SIZE) /* where the probes go, within any page */

static const unsigned warm_pages[] = {0, 1, 255, 511};

static unsigned key_of(unsigned index, enum window_half half)
{
    return (index + 5 * half) % X86_PKEYS;
}

/* The small page of an index. 2 MiB pages all map the memory of the targets, which is as large as one. */
static struct target small_page(const struct target *huge, uint64_t *table, unsigned index)
{
    unsigned level = huge->level - 1;
    uint64_t start = huge->va & ~(level_size(huge->level) - 1);
    uint64_t memory = (uintptr_t)huge->alias - INSIDE(huge);

    if (level == LEVEL_4K)
        memory += index * level_size(level);
    return (struct target){
        .va = start + index * level_size(level) + INSIDE(huge),
        .level = level,
        .half = huge->half,
        .leaf = &table[index],
        .alias = (volatile uint64_t *)(memory + INSIDE(huge)),
    };
}

/* The value of PKRS that asks for one bit of the keys. */
static uint32_t question(unsigned bit)
{
    uint32_t pkrs = 0;

    for (unsigned key = 0; key < X86_PKEYS; key++)
        pkrs |= key >> bit & 1 ? PKR_AD(key) : 0;
    return pkrs;
}

/* Fills the huge page's translation: everywhere, or where the targets' memory is. */
static void warm(const struct target *huge)
{
    for (unsigned i = 0; i < sizeof(warm_pages) / sizeof(warm_pages[0]); i++) {
        uint64_t va = huge->va + (huge->level == LEVEL_2M ? warm_pages[i] * level_size(LEVEL_4K) : 0);
        struct outcome o = probe(PROBE_write8, va, ACCESS_PATTERN);

        expect_outcome(&o, PROBE_write8, FAULT_NONE, va, "of the huge page at %u", warm_pages[i]);
    }
}

/* Replaces the page by a table; false, with a test_error(), when no frame is left for it. */
static bool split(const struct target *huge, uint64_t **table)
{
    uint64_t frame = frame_alloc();
    struct entry upper = {.address = frame, .present = true, .writable = true, .user = true};

    REQUIRE(frame);
    if (!frame)
        return false;
    *table = frame_pointer(frame);
    target_edit_leaf(huge, 0);
    for (unsigned i = 0; i < X86_TABLE_ENTRIES; i++) {
        struct target t = small_page(huge, *table, i);
        struct entry page = target_page(key_of(i, t.half));

        page.present = page.leaf = true;
        page.address = (uintptr_t)t.alias - INSIDE(huge);
        *t.leaf = entry_encode(page, t.level);
        invlpg(t.va);
    }
    target_edit_leaf(huge, entry_encode(upper, huge->level));
    return true;
}

/* In the machine as it is, which is m. */
static void check_small(const struct target *t, struct machine m, unsigned key, uint32_t rights)
{
    struct access_seen read, write;

    *t->alias = ACCESS_PATTERN + t->va;
    read = access_make(t, ACCESS_READ, 8);
    write = access_make(t, ACCESS_WRITE, 8);
    REQUIRE(entry_decode(*t->leaf, t->level).key == key);
    access_compare(t, m, ACCESS_READ, 8, denial(rights, ACCESS_READ), "small page", &read);
    access_compare(t, m, ACCESS_WRITE, 8, denial(rights, ACCESS_WRITE), "small page", &write);
}

static void check_half(unsigned level, enum window_half half)
{
    struct machine m = machine_normal();
    struct target huge;
    uint64_t *table;
    unsigned first; /* a page that was accessed before the split, and no fault since */

    m.pkrs = question(0);
    if (!target_map(&huge, level, half, SLOT, target_page(KEY_HUGE)))
        return;
    first = huge.va % level_size(level) / level_size(level - 1);
    msr_write(X86_MSR_IA32_PKRS, m.pkrs);
    warm(&huge);
    if (!split(&huge, &table))
        return;
    for (unsigned bit = 0; bit < KEY_BITS; bit++) {
        if (bit) { /* the first value is in force since before the split */
            m.pkrs = question(bit);
            msr_write(X86_MSR_IA32_PKRS, m.pkrs);
        }
        for (unsigned n = 0; n < X86_TABLE_ENTRIES; n++) {
            unsigned i = (first + n) % X86_TABLE_ENTRIES;
            struct target t = small_page(&huge, table, i);

            check_small(&t, m, key_of(i, half), pkr_get(m.pkrs, key_of(i, half)));
        }
    }
    machine_set(machine_normal());
}

static void check(unsigned level)
{
    SKIP_UNLESS(cpu.pks, "no pks");
    SKIP_UNLESS(target_level_exists(level), "no 1 GiB pages");
    for (enum window_half half = WINDOW_LOW; half < WINDOW_HALVES; half++)
        check_half(level, half);
}

TEST(tlb_split_2m, "A 2 MiB page split into 4 KiB pages: each has its own key")
{
    check(LEVEL_2M);
}

TEST(tlb_split_1g, "A 1 GiB page split into 2 MiB pages: each has its own key")
{
    check(LEVEL_1G);
}
