/*
 * Physical addresses of every width the machine has memory at. Keys stand in bits 62:59 of an entry and the
 * page's address below bit 52; a machine that mixes the two, or cuts an address, shows it only where memory
 * lies high. The pieces are those of lib/pool.h: one for each highest address bit, the highest memory there
 * is among them.
 */
#include "access.h"
#include "frames.h"
#include "memory.h"
#include "string.h"

#define OFFSET 0x1c0u /* of the eight bytes, inside the page */

/* Slots of one window: the pages under test, their aliases. */
enum { SLOT_TARGET = 0, SLOT_ALIAS = POOL_DISTANT_MAX };

static struct entry page_at(uint64_t physical, unsigned key)
{
    struct entry page = target_page(key);

    page.address = physical;
    return page;
}

/* A page at a given address, and an alias of it on key 0. */
static bool distant_map(struct target *t, unsigned level, unsigned piece, unsigned key)
{
    const struct space *space = space_current();
    uint64_t physical = memory_pool()->distant[piece].start;
    uint64_t va = window_address(WINDOW_LOW, SLOT_TARGET + piece);
    uint64_t alias = window_address(WINDOW_LOW, SLOT_ALIAS + piece);

    *t = (struct target){.va = va + OFFSET, .level = level, .half = WINDOW_LOW};
    t->alias = (volatile uint64_t *)(uintptr_t)(alias + OFFSET);
    if (page_map(space, va, level, page_at(physical, key)) != MAP_OK ||
        page_map(space, alias, LEVEL_4K, page_at(physical, 0)) != MAP_OK) {
        test_error("the piece at 0x%lx cannot be mapped", physical);
        return false;
    }
    t->leaf = page_walk(space, va, level, false, NULL);
    return true;
}

static void check_rights(unsigned level, unsigned piece)
{
    unsigned key = 1 + piece % (X86_PKEYS - 1);
    struct machine m = machine_normal();
    struct target t;

    if (!distant_map(&t, level, piece, key))
        return;
    m.pkrs = pkr_set(PKRS_DEFAULT, key, 0);
    check_access(&t, m, ACCESS_WRITE, 8, FAULT_NONE, "distant, open");
    m.pkrs = pkr_set(PKRS_DEFAULT, key, X86_PKR_WD);
    check_access(&t, m, ACCESS_READ, 8, FAULT_NONE, "distant, WD");
    check_access(&t, m, ACCESS_WRITE, 8, FAULT_PF(X86_PF_PK | X86_PF_W | X86_PF_P), "distant, WD");
    m.pkrs = pkr_set(PKRS_DEFAULT, key, X86_PKR_AD);
    check_access(&t, m, ACCESS_READ, 8, FAULT_PF(X86_PF_PK | X86_PF_P), "distant, AD");
}

TEST(rights_distant_pages, "Keys act on pages of every physical address width")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    SKIP_UNLESS(memory_pool()->distant_count, "no memory beyond the pool");
    for (unsigned level = LEVEL_4K; level <= LEVEL_2M; level++) {
        for (unsigned piece = 0; piece < memory_pool()->distant_count; piece++)
            check_rights(level, piece);
        window_clear();
    }
}

TEST(rights_distant_apart, "Pages whose physical addresses differ in one high bit are different memory")
{
    const struct pool *pool = memory_pool();
    struct target t[POOL_DISTANT_MAX];
    uint64_t near;

    SKIP_UNLESS(pool->distant_count, "no memory beyond the pool");
    near = frame_alloc();
    REQUIRE(near);
    for (unsigned i = 0; i < pool->distant_count; i++) {
        if (!distant_map(&t[i], LEVEL_4K, i, 0))
            return;
        *t[i].alias = pool->distant[i].start;
    }
    *(volatile uint64_t *)frame_pointer(near) = near;
    for (unsigned i = 0; i < pool->distant_count; i++)
        expect_equal(*(volatile uint64_t *)(uintptr_t)t[i].va, pool->distant[i].start,
                     "the word at its page");
    expect_equal(*(volatile uint64_t *)frame_pointer(near), near, "the word in the pool");
    frame_free(near);
}

/* Moves the table that holds a target's leaf to a distant page, and the leaf with it. */
static void check_table(unsigned piece)
{
    const struct space *space = space_current();
    unsigned key = 1 + piece % (X86_PKEYS - 1);
    uint64_t table = memory_pool()->distant[piece].start + X86_PAGE_SIZE;
    uint64_t view = window_address(WINDOW_HIGH, piece);
    uint64_t *slot;
    struct machine m = machine_normal();
    struct target t;
    uint64_t was;

    if (!target_map(&t, LEVEL_4K, WINDOW_LOW, piece, target_page(key)))
        return;
    REQUIRE(page_map(space, view, LEVEL_4K, page_at(table, 0)) == MAP_OK);
    slot = page_walk(space, t.va, LEVEL_2M, false, NULL);
    was = *slot;
    memcpy((void *)(uintptr_t)view, frame_pointer(was & X86_PTE_ADDR), X86_PAGE_SIZE);
    t.leaf = (uint64_t *)(uintptr_t)(view + ((uintptr_t)t.leaf & (X86_PAGE_SIZE - 1)));
    *slot = (was & ~X86_PTE_ADDR) | table;
    m.pkrs = pkr_set(PKRS_DEFAULT, key, X86_PKR_WD);
    check_access(&t, m, ACCESS_READ, 8, FAULT_NONE, "table far away, WD");
    check_access(&t, m, ACCESS_WRITE, 8, FAULT_PF(X86_PF_PK | X86_PF_W | X86_PF_P), "table far away, WD");
    *slot = was;
}

TEST(rights_distant_tables, "A page table may lie at every physical address width, its A and D flags too")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    SKIP_UNLESS(memory_pool()->distant_count, "no memory beyond the pool");
    for (unsigned piece = 0; piece < memory_pool()->distant_count; piece++)
        check_table(piece);
}

/* Runs a probe under a copy of the root that lies on a distant page. */
static void check_root(unsigned piece)
{
    const struct space *space = space_current();
    uint64_t root = memory_pool()->distant[piece].start + 2 * X86_PAGE_SIZE;
    uint64_t view = window_address(WINDOW_HIGH, piece);
    uint64_t was = cr3_read();
    struct outcome o;
    struct target t;

    if (!target_map(&t, LEVEL_4K, WINDOW_LOW, piece, target_page(0)))
        return;
    REQUIRE(page_map(space, view, LEVEL_4K, page_at(root, 0)) == MAP_OK);
    memcpy((void *)(uintptr_t)view, frame_pointer(space->root), X86_PAGE_SIZE);
    *t.alias = root;
    cr3_write(root);
    o = probe(PROBE_read8, t.va, 0);
    expect_equal(cr3_read(), root, "CR3");
    cr3_write(was);
    expect_outcome(&o, PROBE_read8, FAULT_NONE, 0, "under the root at 0x%lx", root);
    expect_equal(o.value, root, "the word read under the root at 0x%lx", root);
}

TEST(rights_distant_root, "CR3 takes a root at every physical address width")
{
    SKIP_UNLESS(memory_pool()->distant_count, "no memory beyond the pool");
    for (unsigned piece = 0; piece < memory_pool()->distant_count; piece++)
        check_root(piece);
}
