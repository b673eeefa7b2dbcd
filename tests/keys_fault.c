/*
 * Faults and who decides about them: what the handler finds out about a denied access, the table of
 * callbacks, the update of one frame. These accesses are plain loads and stores, no probes, so that nothing
 * but a callback can answer their faults. Source of the fields: hardware reports the address and PK only
 * ("Page-Fault Exceptions"), the key has to be looked up in the tables.
 */
#include "keyed.h"
#include "thread.h"

#include "string.h"

#define KEYS 15

static struct {
    unsigned calls;
    struct pks_fault last;
    uint32_t frame_pkrs, handler_pkrs, handler_copy;
    fault_t fault;
} seen;

static void record(const struct trap_frame *frame, const struct pks_fault *fault)
{
    seen.calls++;
    seen.last = *fault;
    seen.frame_pkrs = (uint32_t)frame->pkrs;
    seen.handler_pkrs = (uint32_t)msr_read(X86_MSR_IA32_PKRS);
    seen.handler_copy = pks_copy;
    seen.fault = trap_fault(frame);
}

static bool open_it(struct trap_frame *frame, const struct pks_fault *fault)
{
    record(frame, fault);
    expect_equal((uint64_t)pks_update_exception(frame, fault->key, PKS_READWRITE), PKS_OK, "update");
    return true;
}

static void expect_seen(const struct keyed *k, unsigned level, bool write, uint32_t rights, const char *name)
{
    const struct pks_fault *f = &seen.last;

    expect_equal(seen.calls, 1, "calls");
    expect_equal(f->va, k->va, "address");
    expect_equal(f->key, k->key, "key");
    expect_equal(f->level, level, "level");
    expect_equal(f->write, write, "write");
    expect_equal(f->rights, rights, "rights");
    expect_equal(f->depth, 0, "depth");
    if (strcmp(f->owner, name) != 0 || strcmp(f->thread, "main") != 0)
        test_fail("owner %s, thread %s: want %s, main", f->owner, f->thread, name);
    expect_equal(seen.frame_pkrs, pkr_set(PKRS_DEFAULT, k->key, rights), "PKRS in the frame");
    expect_equal(seen.handler_pkrs, PKRS_DEFAULT, "PKRS in the handler");
    expect_equal(seen.handler_copy, PKRS_DEFAULT, "its copy in the handler");
    expect_equal(seen.fault, write ? FAULT_KEY_WRITE : FAULT_KEY_READ, "vector and error code");
}

TEST(keys_fault_words, "The handler knows key, level, rights, owner, thread, depth, read or write")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    for (unsigned level = LEVEL_4K; level <= LEVEL_1G; level++) {
        struct keyed k;

        if (!target_level_exists(level))
            continue;
        if (!keyed_make(&k, level_name(level), 0, level))
            return;
        REQUIRE(pks_key_on_fault(k.key, open_it) == PKS_OK);
        seen.calls = 0;
        (void)*k.memory;
        expect_seen(&k, level, false, X86_PKR_AD, level_name(level));
        pks_mk_readonly(k.key);
        seen.calls = 0;
        *k.memory = level;
        expect_seen(&k, level, true, X86_PKR_WD, level_name(level));
        expect_equal(*k.alias, level, "what was written");
        expect_equal(pkrs_read_checked("after the update"), PKRS_DEFAULT & ~PKR_MASK(k.key),
                     "PKRS of the code that the callback opened the key for");
        pks_mk_noaccess(k.key);
        keyed_drop(&k);
    }
}

TEST(keys_fault_table, "Each of fifteen keys calls its own callback once, and a second access does not fault")
{
    struct keyed k[KEYS];

    SKIP_UNLESS(cpu.pks, "no pks");
    for (unsigned i = 0; i < KEYS; i++)
        if (!keyed_make(&k[i], "table", i, LEVEL_4K))
            return;
    for (unsigned i = 0; i < KEYS; i++) {
        REQUIRE(pks_key_on_fault(k[i].key, open_it) == PKS_OK);
        seen.calls = 0;
        *k[i].memory = i;
        *k[i].memory = i + 1;
        expect_seen(&k[i], LEVEL_4K, true, X86_PKR_AD, "table");
        expect_equal(*k[i].alias, i + 1, "what was written");
        pks_mk_noaccess(k[i].key);
    }
    for (unsigned i = 0; i < KEYS; i++)
        keyed_drop(&k[i]);
}

/* The exception test of the Linux series, with every value compared. */
static bool try_everything(struct trap_frame *frame, const struct pks_fault *fault)
{
    record(frame, fault);
    pks_mk_readwrite(fault->key);
    expect_equal(pkr_get(pkrs_read_checked("opened in the handler"), fault->key), 0, "handler's own rights");
    pks_mk_noaccess(fault->key);
    expect_equal(pkrs_read_checked("closed in the handler"), PKRS_DEFAULT, "handler's PKRS");
    return pks_update_exception(frame, fault->key, PKS_READWRITE) == PKS_OK;
}

TEST(keys_fault_exception,
     "A handler starts with the default, changes its own rights, and the frame's value comes back")
{
    struct keyed k;

    SKIP_UNLESS(cpu.pks, "no pks");
    if (!keyed_make(&k, "exception", 0, LEVEL_4K))
        return;
    REQUIRE(pks_key_on_fault(k.key, try_everything) == PKS_OK);
    pks_mk_readonly(k.key);
    seen.calls = 0;
    *k.memory = 1;
    expect_seen(&k, LEVEL_4K, true, X86_PKR_WD, "exception");
    expect_equal(pkr_get(pkrs_read_checked("after the handler"), k.key), 0,
                 "rights from the frame, not the handler's last ones");
    pks_mk_noaccess(k.key);
    keyed_drop(&k);
}

/* Three handlers deep; the innermost changes what the second of the three interrupted contexts gets back. */
static struct {
    struct trap_frame *frame[3];
    uint32_t after[3];
    unsigned key;
} depths;

static bool update_from_below(struct trap_frame *frame)
{
    unsigned depth = thread_depth() - 1;

    depths.frame[depth] = frame;
    if (depth == 2) {
        expect_equal((uint64_t)pks_update_exception(depths.frame[1], depths.key, PKS_READONLY), PKS_OK,
                     "update");
        return true;
    }
    __asm__ volatile("int3");
    depths.after[depth + 1] = pks_copy;
    return true;
}

TEST(keys_fault_depth, "From three handlers deep exactly the frame that is named changes")
{
    struct trap_frame foreign = {.vector = X86_VEC_BP};
    int key;

    SKIP_UNLESS(cpu.pks, "no pks");
    key = pks_key_alloc("depth");
    REQUIRE(key > 0);
    depths.key = (unsigned)key;
    pks_mk_readwrite(depths.key);
    trap_set_handler(X86_VEC_BP, update_from_below);
    __asm__ volatile("int3");
    trap_set_handler(X86_VEC_BP, NULL);
    depths.after[0] = pkrs_read_checked("outermost");
    expect_equal(depths.after[0], pkr_set(PKRS_DEFAULT, depths.key, PKS_READWRITE), "the test itself");
    expect_equal(depths.after[1], pkr_set(PKRS_DEFAULT, depths.key, PKS_READONLY), "the first handler");
    expect_equal(depths.after[2], PKRS_DEFAULT, "the second handler");
    expect_equal((uint64_t)pks_update_exception(&foreign, depths.key, PKS_READWRITE), (uint64_t)PKS_BAD_FRAME,
                 "a frame that nobody handles");
    expect_equal((uint64_t)pks_update_exception(depths.frame[0], depths.key, PKS_READWRITE),
                 (uint64_t)PKS_BAD_FRAME, "a frame whose handler has returned");
    REQUIRE(pks_key_free(depths.key) == PKS_OK);
}
