#include "access.h"

#include "format.h"
#include "report.h"

static const char *const access_name[] = {
    [ACCESS_READ] = "read", [ACCESS_WRITE] = "write", [ACCESS_FETCH] = "fetch"};

static enum probe_kind kind_of(enum access access, unsigned bytes)
{
    if (access == ACCESS_FETCH)
        return PROBE_fetch;
    return access == ACCESS_READ ? probe_read_kind(bytes) : probe_write_kind(bytes);
}

static uint64_t low_bytes(uint64_t value, unsigned bytes)
{
    return bytes == 8 ? value : value & ((1ull << 8 * bytes) - 1);
}

/* What the words of one failure have in common: every axis by name. */
struct scene {
    char s[256];
};

static struct scene describe(const struct target *t, uint64_t leaf, const struct machine *m,
                             enum access access, unsigned bytes, const char *about)
{
    struct entry e = entry_decode(leaf, t->level);
    uint32_t register_value = e.user ? m->pkru : m->pkrs;
    uint32_t rights = pkr_get(register_value, e.key);
    struct scene scene = {""};

    format(scene.s, sizeof(scene.s),
           "%s: %s%u %s half=%s key=%u ad=%u wd=%u %s=%08x us=%u rw=%u xd=%u wp=%u pks=%u pke=%u smep=%u "
           "smap=%u",
           about, access_name[access], bytes, level_name(t->level), window_half_name(t->half), e.key,
           rights & X86_PKR_AD, rights >> 1, e.user ? "pkru" : "pkrs", register_value, e.user, e.writable,
           e.execute_disable, m->wp, m->pks, m->pke, m->smep, m->smap);
    return scene;
}

/* Memory and flags afterwards; only an access that was allowed and should have been says more than
 * "untouched". */
static void check_memory(const struct target *t, enum access access, unsigned bytes,
                         const struct access_seen *seen, bool denied, const char *scene)
{
    bool write = access == ACCESS_WRITE && !denied;
    struct entry before = entry_decode(seen->leaf_before, t->level);
    struct entry after = entry_decode(seen->leaf_after, t->level);

    expect_equal(seen->memory_after, seen->memory_before ^ (write ? low_bytes(~0ull, bytes) : 0),
                 "memory after %s", scene);
    expect_equal(after.dirty, write || before.dirty, "D flag after %s", scene);
    if (!denied)
        expect_equal(after.accessed, true, "A flag after %s", scene);
}

struct access_seen access_make(const struct target *t, enum access access, unsigned bytes)
{
    struct access_seen seen = {.memory_before = *t->alias, .leaf_before = *t->leaf};

    seen.outcome = probe(kind_of(access, bytes), t->va, ~seen.memory_before);
    seen.memory_after = *t->alias;
    seen.leaf_after = *t->leaf;
    return seen;
}

void access_compare(const struct target *t, struct machine m, enum access access, unsigned bytes,
                    fault_t want, const char *about, const struct access_seen *seen)
{
    const struct outcome *o = &seen->outcome;
    enum probe_kind kind = kind_of(access, bytes);
    struct scene scene = describe(t, seen->leaf_before, &m, access, bytes, about);

    if (o->fault != want) {
        bool first = test_verdict() == VERDICT_PASS;

        test_fail("want %s got %s; %s", fault_text(want).s, fault_text(o->fault).s, scene.s);
        if (first)
            report_walk("#  ", t->va);
    }
    expect_equal(o->faults, o->fault != FAULT_NONE, "number of faults; %s", scene.s);
    if (o->fault != FAULT_NONE) {
        expect_equal(o->rip, access == ACCESS_FETCH ? t->va : probe_address(kind), "rip; %s", scene.s);
        expect_equal(o->cr2, t->va, "cr2; %s", scene.s);
        if (pks_present)
            expect_equal(o->pkrs, m.pkrs, "pkrs in the frame; %s", scene.s);
    } else if (access == ACCESS_READ) {
        expect_equal(low_bytes(o->value, bytes), low_bytes(seen->memory_before, bytes), "value read; %s",
                     scene.s);
    }
    if (o->fault == want)
        check_memory(t, access, bytes, seen, want != FAULT_NONE, scene.s);
}

void check_access(const struct target *t, struct machine m, enum access access, unsigned bytes, fault_t want,
                  const char *about)
{
    struct access_seen seen;

    *t->alias = ACCESS_PATTERN;
    target_set_leaf(t, *t->leaf & ~(uint64_t)(X86_PTE_A | X86_PTE_D));
    machine_set(m);
    seen = access_make(t, access, bytes);
    machine_set(machine_normal());
    access_compare(t, m, access, bytes, want, about, &seen);
}
