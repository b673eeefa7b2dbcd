/*
 * The tables that every other test stands on: entries say what their fields say, a page of each size leads to
 * the right memory in both halves, nothing is mapped twice, the processor's A and D flags come back, and the
 * kernel's own pages are never writable and executable at once.
 */
#include "access.h"
#include "frames.h"
#include "rng.h"
#include "stacks.h"

TEST(self_entry_fields, "An entry built from fields is taken apart into the same fields, at every level")
{
    uint64_t state = test_seed();

    for (unsigned i = 0; i < test_effort(2000); i++) {
        uint64_t bits = rng_next(&state);
        unsigned level = 1 + bits % LEVEL_MAX;
        struct entry e = {
            .address = rng_next(&state) & X86_PTE_ADDR,
            .key = bits >> 8 & X86_PTE_PKEY_MASK,
            .present = bits >> 16 & 1,
            .writable = bits >> 17 & 1,
            .user = bits >> 18 & 1,
            .execute_disable = bits >> 19 & 1,
            .global = bits >> 20 & 1,
            .accessed = bits >> 21 & 1,
            .dirty = bits >> 22 & 1,
            .leaf = level == LEVEL_4K || (bits >> 23 & 1),
            .uncached = bits >> 24 & 1,
        };
        struct entry back = entry_decode(entry_encode(e, level), level);
        bool same = back.address == e.address && back.key == e.key && back.present == e.present &&
                    back.writable == e.writable && back.user == e.user &&
                    back.execute_disable == e.execute_disable && back.global == e.global &&
                    back.accessed == e.accessed && back.dirty == e.dirty && back.leaf == e.leaf &&
                    back.uncached == e.uncached;

        if (!same)
            test_error("level %u entry 0x%lx", level, entry_encode(e, level));
    }
    /* bits by the manual's table of a PTE that maps a 4 KiB page, key 5 */
    expect_equal(
        entry_encode((struct entry){.address = 0x7000, .key = 5, .present = true, .user = true}, LEVEL_4K),
        0x2800000000007005, "PTE of page 0x7000, key 5, P, U/S");
    expect_equal(
        entry_encode((struct entry){.address = 0xfee00000, .present = true, .uncached = true}, LEVEL_4K),
        0xfee00019, "PTE of page 0xfee00000, P, PWT, PCD");
}

TEST(self_page_sizes, "A page of each size in each half leads to the right memory, for every width of access")
{
    for (unsigned level = LEVEL_4K; level <= LEVEL_1G; level++) {
        for (enum window_half half = WINDOW_LOW; half < WINDOW_HALVES && target_level_exists(level); half++) {
            struct target t;

            if (!target_map(&t, level, half, level, target_page(0)))
                return;
            expect_equal(entry_decode(*t.leaf, level).leaf, true, "leaf at level %u", level);
            for (unsigned bytes = 1; bytes <= 8; bytes *= 2) {
                check_access(&t, machine_normal(), ACCESS_READ, bytes, FAULT_NONE, "plain page");
                check_access(&t, machine_normal(), ACCESS_WRITE, bytes, FAULT_NONE, "plain page");
            }
        }
    }
}

TEST(self_remap,
     "Mapping over a mapping, misaligned or at a non-canonical address is refused and changes nothing")
{
    const struct space *space = space_current();
    uint64_t small = window_address(WINDOW_LOW, 8);
    uint64_t large = window_address(WINDOW_LOW, 9);
    struct entry page = target_page(0);
    uint64_t before;

    REQUIRE(page_map(space, small, LEVEL_4K, page) == MAP_OK);
    REQUIRE(page_map(space, large, LEVEL_2M, page) == MAP_OK);
    before = *page_walk(space, small, LEVEL_4K, false, NULL);
    page.writable = false;
    expect_equal(page_map(space, small, LEVEL_4K, page), MAP_EXISTS, "4k over 4k");
    expect_equal(page_map(space, small, LEVEL_2M, page), MAP_EXISTS, "2m over a table");
    expect_equal(page_map(space, large, LEVEL_2M, page), MAP_EXISTS, "2m over 2m");
    expect_equal(page_map(space, large + X86_PAGE_SIZE, LEVEL_4K, page), MAP_EXISTS, "4k inside 2m");
    expect_equal(*page_walk(space, small, LEVEL_4K, false, NULL), before, "the entry that was there");
    expect_equal(page_map(space, small + 8, LEVEL_4K, page), MAP_MISALIGNED, "misaligned address");
    expect_equal(page_map(space, small + X86_PAGE_SIZE, LEVEL_2M, page), MAP_MISALIGNED, "misaligned 2m");
    expect_equal(page_map(space, 1ull << 62, LEVEL_4K, page), MAP_NOT_CANONICAL, "non-canonical address");
}

TEST(self_unmap, "An unmapped page faults, and its tables go back to the frame allocator")
{
    uint64_t free;
    struct target t;
    struct outcome o;

    if (!target_map(&t, LEVEL_4K, WINDOW_HIGH, 10, target_page(0)))
        return;
    free = frames_free() + (space_current()->levels - 1);
    o = probe(PROBE_read8, t.va, 0);
    expect_outcome(&o, PROBE_read8, FAULT_NONE, 0, "of a mapped page");
    expect_equal(page_unmap(space_current(), t.va), true, "unmap");
    o = probe(PROBE_read8, t.va, 0);
    expect_outcome(&o, PROBE_read8, FAULT_PF(0), t.va, "after unmap");
    expect_equal(frames_free(), free, "free frames");
    expect_equal(page_unmap(space_current(), t.va), false, "unmap again");
}

TEST(self_unmap_neighbour, "Unmapping one of two pages of a table invalidates it and leaves the other alone")
{
    const struct space *space = space_current();
    uint64_t va = window_address(WINDOW_LOW, 10);
    struct entry page = target_page(0);
    struct outcome o;

    page.address = frames_pool()->range[0].start;
    REQUIRE(page_map(space, va, LEVEL_4K, page) == MAP_OK);
    REQUIRE(page_map(space, va + X86_PAGE_SIZE, LEVEL_4K, page) == MAP_OK);
    (void)probe(PROBE_read8, va, 0); /* now it is cached */
    page_unmap(space, va);
    o = probe(PROBE_read8, va, 0);
    expect_outcome(&o, PROBE_read8, FAULT_PF(0), va, "after unmap");
    o = probe(PROBE_read8, va + X86_PAGE_SIZE, 0);
    expect_outcome(&o, PROBE_read8, FAULT_NONE, 0, "of the neighbour");
}

TEST(self_accessed_dirty,
     "A read sets A and leaves D, a write sets both, an entry nobody uses keeps both clear")
{
    for (unsigned level = LEVEL_4K; level <= LEVEL_1G && target_level_exists(level); level++) {
        struct target t;
        struct entry e;

        if (!target_map(&t, level, WINDOW_LOW, 11 + level, target_page(0)))
            return;
        e = entry_decode(*t.leaf, level);
        expect_equal(e.accessed || e.dirty, false, "A or D of a fresh %s page", level_name(level));
        (void)probe(PROBE_read8, t.va, 0);
        e = entry_decode(*t.leaf, level);
        expect_equal(e.accessed, true, "A after a read, %s", level_name(level));
        expect_equal(e.dirty, false, "D after a read, %s", level_name(level));
        (void)probe(PROBE_write8, t.va, 0);
        expect_equal(entry_decode(*t.leaf, level).dirty, true, "D after a write, %s", level_name(level));
    }
}

TEST(self_frames, "The allocator hands out distinct, aligned, zeroed frames and takes them back")
{
    enum { COUNT = 64 };
    uint64_t frame[COUNT];
    uint64_t free = frames_free();

    for (unsigned i = 0; i < COUNT; i++) {
        uint64_t *words;

        frame[i] = frame_alloc();
        REQUIRE(frame[i] && frame[i] % X86_PAGE_SIZE == 0);
        words = frame_pointer(frame[i]);
        for (unsigned w = 0; w < X86_TABLE_ENTRIES; w++) {
            if (words[w])
                test_error("frame 0x%lx is not zero at %u", frame[i], w);
            words[w] = frame[i];
        }
    }
    for (unsigned i = 0; i < COUNT; i++)
        if (*(uint64_t *)frame_pointer(frame[i]) != frame[i])
            test_error("frame 0x%lx was handed out twice", frame[i]);
    for (unsigned i = 0; i < COUNT; i++)
        frame_free(frame[i]);
    REQUIRE(frames_free() == free);
}

extern char text_start[], rodata_start[], data_start[]; /* linker.ld */

TEST(self_kernel_wx, "The kernel's text and constants cannot be written, its data cannot be executed")
{
    const struct {
        uint64_t va;
        enum probe_kind kind;
        fault_t want;
    } row[] = {
        {(uintptr_t)text_start, PROBE_write1, FAULT_PF(X86_PF_P | X86_PF_W)},
        {(uintptr_t)rodata_start, PROBE_write1, FAULT_PF(X86_PF_P | X86_PF_W)},
        {(uintptr_t)rodata_start, PROBE_fetch, FAULT_PF(X86_PF_P | X86_PF_I)},
        {(uintptr_t)data_start, PROBE_fetch, FAULT_PF(X86_PF_P | X86_PF_I)},
        {0, PROBE_read1, FAULT_PF(0)},
    };

    for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        struct outcome o = probe(row[i].kind, row[i].va, 0);

        expect_equal(o.fault, row[i].want, "%s at 0x%lx", probe_name(row[i].kind), row[i].va);
        expect_equal(o.cr2, row[i].va, "cr2 of %s at 0x%lx", probe_name(row[i].kind), row[i].va);
    }
}

TEST(self_stack_guards, "The page below every stack is not mapped")
{
    for (unsigned id = 0; id < STACKS; id++) {
        uint64_t last = (uintptr_t)stacks[id].body - 8;
        struct outcome o = probe(PROBE_write8, last, 0);

        expect_outcome(&o, PROBE_write8, FAULT_PF(X86_PF_W), last, "below stack %u", id);
        o = probe(PROBE_read8, last + 8, 0);
        expect_outcome(&o, PROBE_read8, FAULT_NONE, 0, "of stack %u's last word", id);
    }
}
