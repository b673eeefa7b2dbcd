/*
 * Translations that other processors hold. A processor may use what it has cached until it executes an
 * invalidation itself ("Propagation of Paging-Structure Changes to Multiple Processors"), so the change of a
 * live mapping is over only when all have done that. Here all other processors hammer a page, so that its
 * translation is warm, while the first one changes its key or removes it: no access that begins behind the
 * call may get through, and the first one behind it is denied for the right reason.
 * The D flag that their writes have set stays.
 */
#include "frames.h"
#include "string.h"
#include "threads.h"

#define ROUNDS 6u
#define LOOKS  20u /* behind each change */

enum phase { WARM, CHANGED, OVER };

static struct {
    struct keyed keyed;
    unsigned phase, warm, looked;
    fault_t want_read, want_write; /* behind the change */
} now;

static void set_phase(enum phase phase)
{
    __atomic_store_n(&now.phase, phase, __ATOMIC_SEQ_CST);
}

/* Accesses that begin before the change may end as before or as after it. */
static void heat(void)
{
    bool first = true;

    while (__atomic_load_n(&now.phase, __ATOMIC_SEQ_CST) == WARM) {
        fault_t read = probe(PROBE_read8, now.keyed.va, 0).fault;
        fault_t write = probe(PROBE_write8, now.keyed.va, 0).fault;

        if (read != FAULT_NONE && read != now.want_read)
            test_fail("read during the change: %s", fault_text(read).s);
        if (write != FAULT_NONE && write != now.want_write)
            test_fail("write during the change: %s", fault_text(write).s);
        if (first)
            count_up(&now.warm);
        first = false;
    }
}

static void look(void)
{
    for (unsigned i = 0; i < LOOKS; i++) {
        expect_equal(probe(PROBE_read8, now.keyed.va, 0).fault, now.want_read,
                     "read on processor %u behind the change", cpu_number());
        expect_equal(probe(PROBE_write8, now.keyed.va, 0).fault, now.want_write,
                     "write on processor %u behind the change", cpu_number());
    }
    count_up(&now.looked);
}

static void hammer(void *unused)
{
    (void)unused;
    heat();
    if (__atomic_load_n(&now.phase, __ATOMIC_SEQ_CST) == CHANGED)
        look();
}

static uint64_t *leaf_of(uint64_t va)
{
    return page_walk(space_current(), va, LEVEL_4K, false, NULL);
}

/* One change under fire. */
static void round_of(int (*change)(void), bool stays)
{
    unsigned others = smp_count() - 1;

    now.warm = now.looked = 0;
    set_phase(WARM);
    for (unsigned i = 1; i <= others; i++)
        smp_start(i, hammer, NULL);
    if (await_count(&now.warm, others, "accesses of all processors")) {
        REQUIRE(change() == PKS_OK);
        set_phase(CHANGED);
        await_count(&now.looked, others, "accesses behind the change");
    }
    set_phase(OVER);
    for (unsigned i = 1; i <= others; i++)
        REQUIRE(smp_wait(i));
    if (stays)
        expect_equal(entry_decode(*leaf_of(now.keyed.va), LEVEL_4K).dirty, true,
                     "D of a page that was written");
}

static int take_key(void)
{
    return pks_page_set_key(now.keyed.va, now.keyed.key);
}

static int give_key(void)
{
    return pks_page_set_key(now.keyed.va, 0);
}

static int unmap(void)
{
    return pks_page_unmap(now.keyed.va);
}

static bool fine(void)
{
    return test_verdict() == VERDICT_PASS;
}

/* The page is on key 0, which is open; then on a key that no other processor has open; and back. */
static void change_keys(unsigned level)
{
    if (!keyed_make(&now.keyed, "shot down", level, level))
        return;
    for (unsigned i = 0; i < ROUNDS && fine(); i++) {
        REQUIRE(give_key() == PKS_OK);
        now.want_read = FAULT_KEY_READ;
        now.want_write = FAULT_KEY_WRITE;
        round_of(take_key, true);
    }
    keyed_drop(&now.keyed);
}

SMP_TEST(smp_shootdown_key,
         "A page's new key is in force on every processor when the call that sets it returns")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    for (unsigned level = LEVEL_4K; level <= LEVEL_1G && target_level_exists(level) && fine(); level++)
        change_keys(level);
}

/* The same slot is mapped anew in each round: the tables that became empty are in use again at once. */
static void unmap_rounds(unsigned level)
{
    for (unsigned i = 0; i < ROUNDS && fine(); i++) {
        uint64_t frame;

        if (!keyed_map(&now.keyed, 0, 4 + level, level))
            return;
        now.want_read = FAULT_PF(0);
        now.want_write = FAULT_PF(X86_PF_W);
        round_of(unmap, false);
        frame = frame_alloc();
        memset(frame_pointer(frame), 0xff, X86_PAGE_SIZE);
        frame_free(frame);
    }
}

SMP_TEST(smp_shootdown_unmap, "No processor reaches a page any more when the call that unmaps it returns")
{
    for (unsigned level = LEVEL_4K; level <= LEVEL_1G && target_level_exists(level) && fine(); level++)
        unmap_rounds(level);
}
