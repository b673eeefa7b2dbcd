#include "access.h"

#include "format.h"
#include "report.h"

#define PATTERN   0x1122334455667788u
#define NEW_VALUE 0xfedcba9876543210u
#define RETS      0xc3c3c3c3c3c3c3c3u /* RET in every byte */

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

static struct scene describe(const struct target *t, const struct machine *m, enum access access,
                             unsigned bytes, const char *about)
{
    struct entry e = entry_decode(*t->leaf, t->level);
    uint32_t register_value = e.user ? m->pkru : m->pkrs;
    uint32_t rights = pkr_get(register_value, e.key);
    struct scene scene;

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
static void check_memory(const struct target *t, enum access access, unsigned bytes, uint64_t before,
                         bool denied, const char *scene)
{
    struct entry e = entry_decode(*t->leaf, t->level);
    uint64_t written = (before ^ low_bytes(before, bytes)) | low_bytes(NEW_VALUE, bytes);
    bool write = access == ACCESS_WRITE && !denied;

    expect_equal(*t->alias, write ? written : before, "memory after %s", scene);
    expect_equal(e.dirty, write, "D flag after %s", scene);
    if (!denied)
        expect_equal(e.accessed, true, "A flag after %s", scene);
}

void check_access(const struct target *t, struct machine m, enum access access, unsigned bytes, fault_t want,
                  const char *about)
{
    enum probe_kind kind = kind_of(access, bytes);
    uint64_t before = access == ACCESS_FETCH ? RETS : PATTERN;
    struct scene scene = describe(t, &m, access, bytes, about);
    struct outcome o;

    *t->alias = before;
    target_set_leaf(t, *t->leaf & ~(uint64_t)(X86_PTE_A | X86_PTE_D));
    machine_set(m);
    o = probe(kind, t->va, NEW_VALUE);
    machine_set(machine_normal());

    if (o.fault != want) {
        bool first = test_verdict() == VERDICT_PASS;

        test_fail("want %s got %s; %s", fault_text(want).s, fault_text(o.fault).s, scene.s);
        if (first)
            report_walk("#  ", t->va);
    }
    expect_equal(o.faults, want != FAULT_NONE, "number of faults; %s", scene.s);
    if (o.fault != FAULT_NONE) {
        expect_equal(o.rip, access == ACCESS_FETCH ? t->va : probe_address(kind), "rip; %s", scene.s);
        expect_equal(o.cr2, t->va, "cr2; %s", scene.s);
        if (pks_present)
            expect_equal(o.pkrs, m.pkrs, "pkrs in the frame; %s", scene.s);
    } else if (access == ACCESS_READ) {
        expect_equal(low_bytes(o.value, bytes), low_bytes(before, bytes), "value read; %s", scene.s);
    }
    if (o.fault == want)
        check_memory(t, access, bytes, before, want != FAULT_NONE, scene.s);
}
