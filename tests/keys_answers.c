/*
 * Ways to go on after a denied access other than a callback that opens the key: a callback that changes the
 * page's key, the relaxed mode, and a copy that gives up and says how much is missing.
 */
#include "keyed.h"

#include "copy.h"
#include "thread.h"

static unsigned calls;

static bool move_to_key_0(struct trap_frame *frame, const struct pks_fault *fault)
{
    (void)frame;
    calls++;
    return pks_page_set_key(fault->va, 0) == PKS_OK;
}

TEST(keys_answer_page, "A callback may change the page's key instead of the rights")
{
    struct keyed k;

    SKIP_UNLESS(cpu.pks, "no pks");
    if (!keyed_make(&k, "page", 0, LEVEL_4K))
        return;
    REQUIRE(pks_key_on_fault(k.key, move_to_key_0) == PKS_OK);
    calls = 0;
    *k.memory = 7;
    expect_equal(*k.alias, 7, "what was written");
    expect_equal(calls, 1, "calls");
    expect_equal(pkrs_read_checked("after"), PKRS_DEFAULT, "PKRS: no rights were given");
    keyed_drop(&k);
}

static volatile bool other_looked;

static void look_closed(void *keyed)
{
    keyed_expect(keyed, PKS_NOACCESS, "another thread in relaxed mode");
    other_looked = true;
}

/* INT3 inside of the handler of INT3: the relaxed context must be the one that faulted. */
static const struct keyed *touched;

static bool touch(struct trap_frame *frame)
{
    uint32_t interrupted = (uint32_t)frame->pkrs;

    *touched->memory = 3;
    expect_equal((uint32_t)frame->pkrs, interrupted, "what the interrupted code gets back");
    return true;
}

TEST(keys_answer_relaxed, "Relaxed mode opens the key for the context that faulted and for no other")
{
    struct keyed k;
    struct thread *other;

    SKIP_UNLESS(cpu.pks, "no pks");
    if (!keyed_make(&k, "relaxed", 0, LEVEL_4K))
        return;
    pks_set_mode(PKS_RELAXED);
    touched = &k;
    trap_set_handler(X86_VEC_BP, touch);
    __asm__ volatile("int3");
    trap_set_handler(X86_VEC_BP, NULL);
    expect_equal(*k.alias, 3, "what the handler wrote");
    keyed_expect(&k, PKS_NOACCESS, "the code whose handler was relaxed");
    *k.memory = 4;
    expect_equal(*k.alias, 4, "what the thread wrote");
    keyed_expect(&k, PKS_READWRITE, "the thread that faulted itself");
    other = thread_create("other", look_closed, &k);
    REQUIRE(other && thread_join(other, NULL) == THREAD_RETURNED && other_looked);
    pks_set_mode(PKS_STRICT);
    pks_mk_noaccess(k.key);
    keyed_drop(&k);
}

/* Eight bytes on each of two pages side by side, with an edge in the middle of the copy. */
static size_t copy_over_edge(const struct keyed *k, const uint8_t *plain, bool from, unsigned before)
{
    uint64_t edge = k->va + X86_PAGE_SIZE;

    return from ? copy_checked((void *)(uintptr_t)plain, (const void *)(edge - before), 16)
                : copy_checked((void *)(edge - before), plain, 16);
}

TEST(keys_answer_copy,
     "A copy over an edge between an open and a denied page says how many bytes are missing")
{
    struct keyed k;
    struct entry denied = PAGE_KERNEL_PKEY(0);
    uint8_t plain[16];
    int other;

    SKIP_UNLESS(cpu.pks, "no pks");
    other = pks_key_alloc("denied");
    if (other < 0 || !keyed_make(&k, "open", 0, LEVEL_4K))
        return;
    denied.key = (unsigned)other;
    denied.address = target_memory() + X86_PAGE_SIZE;
    REQUIRE(pks_page_map(k.va + X86_PAGE_SIZE, LEVEL_4K, denied, NULL) == PKS_OK);
    pks_mk_readwrite(k.key);
    for (unsigned before = 0; before <= 16; before++) {
        volatile uint8_t *memory = (volatile uint8_t *)(target_memory() + X86_PAGE_SIZE - before);

        for (unsigned i = 0; i < 16; i++) {
            memory[i] = (uint8_t)(0x80 + i);
            plain[i] = (uint8_t)i;
        }
        expect_equal(copy_over_edge(&k, plain, false, before), 16 - before, "bytes not written, edge at %u",
                     before);
        for (unsigned i = 0; i < 16; i++)
            expect_equal(memory[i], i < before ? i : 0x80 + i, "byte %u of memory, edge at %u", i, before);
        for (unsigned i = 0; i < 16; i++)
            memory[i] = (uint8_t)(0x40 + i);
        expect_equal(copy_over_edge(&k, plain, true, before), 16 - before, "bytes not read, edge at %u",
                     before);
        for (unsigned i = 0; i < 16; i++)
            expect_equal(plain[i], i < before ? 0x40 + i : i, "byte %u read, edge at %u", i, before);
    }
    pks_mk_readonly(k.key);
    expect_equal(copy_over_edge(&k, plain, false, 16), 16, "bytes not written to a read-only page");
    expect_equal(copy_over_edge(&k, plain, true, 16), 0, "bytes not read from a read-only page");
    pks_mk_noaccess(k.key);
    expect_equal(copy_checked((void *)window_address(WINDOW_LOW, 9), plain, 16), 16,
                 "to an unmapped address");
    REQUIRE(pks_page_unmap(k.va + X86_PAGE_SIZE) == PKS_OK && pks_key_free((unsigned)other) == PKS_OK);
    keyed_drop(&k);
}

static bool open_it(struct trap_frame *frame, const struct pks_fault *fault)
{
    calls++;
    return pks_update_exception(frame, fault->key, PKS_READWRITE) == PKS_OK;
}

TEST(keys_answer_copy_callback,
     "A callback comes before the copy's fix-up: the copy goes on where it stopped")
{
    struct keyed k;
    uint64_t plain = 0x1122334455667788;

    SKIP_UNLESS(cpu.pks, "no pks");
    if (!keyed_make(&k, "copied", 0, LEVEL_4K))
        return;
    *k.alias = 0;
    REQUIRE(pks_key_on_fault(k.key, open_it) == PKS_OK);
    calls = 0;
    expect_equal(copy_checked((void *)k.va, &plain, sizeof(plain)), 0, "bytes not copied");
    expect_equal(*k.alias, plain, "what was copied");
    expect_equal(calls, 1, "calls");
    pks_mk_noaccess(k.key);
    keyed_drop(&k);
}

TEST(keys_answer_alias,
     "A page's other mapping on key 0 is not protected: the limit of keys, reported by a walk")
{
    struct keyed k;
    struct entry again = PAGE_KERNEL_PKEY(0);
    int other;

    SKIP_UNLESS(cpu.pks, "no pks");
    if (!keyed_make(&k, "aliased", 0, LEVEL_4K))
        return;
    keyed_expect(&k, PKS_NOACCESS, "through its key");
    *k.alias = 5; /* no fault: keys protect mappings, not memory */
    expect_equal(*k.alias, 5, "written through key 0");
    expect_equal(pks_page_aliases(k.va, "# @ pks"), 1, "mappings of the same memory with another key");
    other = pks_key_alloc("other");
    REQUIRE(other > 0);
    again.key = (unsigned)other;
    again.address = target_memory();
    REQUIRE(pks_page_map(k.va + X86_PAGE_SIZE, LEVEL_4K, again, NULL) == PKS_OK);
    expect_equal(pks_page_aliases(k.va, "# @ pks"), 2, "with two other keys");
    REQUIRE(pks_page_set_key(k.va + X86_PAGE_SIZE, k.key) == PKS_OK);
    expect_equal(pks_page_aliases(k.va, "# @ pks"), 1, "where the second one has the same key");
    REQUIRE(pks_page_unmap(k.va + X86_PAGE_SIZE) == PKS_OK && pks_key_free((unsigned)other) == PKS_OK);
    expect_equal(pks_page_aliases(window_address(WINDOW_LOW, 9), "# @ pks"), 0,
                 "of an address without a page");
    keyed_drop(&k);
}
