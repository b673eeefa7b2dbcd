/*
 * "The D flag must not become set" by a write that is denied (SDM volume 3, "Accessed and Dirty Flags": they
 * are set for accesses that paging translates, and a denied write writes nothing). Tried with a cold
 * translation, by every size of write, and with one that reads, fetches or an earlier permission filled,
 * where a machine might set D before it looks at the key. The accessed flag of the leaf behind such a fault
 * is open point A4.
 */
#include "change.h"

#define KEY 11

#define PF_READ_ONLY FAULT_PF(X86_PF_W | X86_PF_P)

/* Everything that can deny a supervisor write to a supervisor page. */
struct denial {
    const char *about;
    uint32_t rights;
    bool wp, writable;
    fault_t want;
};

static const struct denial denials[] = {
    {"AD", AD, true, true, PF_WRITE},
    {"AD, WP=0", AD, false, true, PF_WRITE},
    {"WD", WD, true, true, PF_WRITE},
    {"AD WD", AD | WD, true, true, PF_WRITE},
    {"AD and R/W=0", AD, true, false, PF_WRITE},
    {"WD and R/W=0", WD, true, false, PF_WRITE},
    {"R/W=0", OPEN, true, false, PF_READ_ONLY},
};

static void check_cold(const struct denial *d, unsigned level, enum window_half half)
{
    struct entry page = target_page(KEY);
    struct machine m = machine_normal();
    struct target t;

    page.writable = d->writable;
    m.wp = d->wp;
    m.pkrs = pkr_set(m.pkrs, KEY, d->rights);
    if (!target_map(&t, level, half, level, page))
        return;
    for (unsigned bytes = 1; bytes <= 8; bytes *= 2)
        check_access(&t, m, ACCESS_WRITE, bytes, d->want, d->about);
    page_unmap(space_current(), t.va);
}

TEST(tlb_dirty_cold, "A denied write does not set D when nothing is cached")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    for (unsigned level = LEVEL_4K; level <= LEVEL_1G && target_level_exists(level); level++)
        for (enum window_half half = WINDOW_LOW; half < WINDOW_HALVES; half++)
            for (unsigned i = 0; i < sizeof(denials) / sizeof(denials[0]); i++)
                check_cold(&denials[i], level, half);
}

static const struct change_row warm[] = {
    /* about                      rw     before after    warm          warmed      then          want */
    {"AD", true, AD, AD, ACCESS_FETCH, FAULT_NONE, ACCESS_WRITE, PF_WRITE},
    {"WD", true, WD, WD, ACCESS_READ, FAULT_NONE, ACCESS_WRITE, PF_WRITE},
    {"WD, twice", true, WD, WD, ACCESS_WRITE, PF_WRITE, ACCESS_WRITE, PF_WRITE},
    {"AD and R/W=0", false, AD, AD, ACCESS_FETCH, FAULT_NONE, ACCESS_WRITE, PF_WRITE},
    {"WD and R/W=0", false, WD, WD, ACCESS_READ, FAULT_NONE, ACCESS_WRITE, PF_WRITE},
    {"R/W=0", false, OPEN, OPEN, ACCESS_READ, FAULT_NONE, ACCESS_WRITE, PF_READ_ONLY},
    {"open to AD", true, OPEN, AD, ACCESS_READ, FAULT_NONE, ACCESS_WRITE, PF_WRITE},
    {"open to WD", true, OPEN, WD, ACCESS_READ, FAULT_NONE, ACCESS_WRITE, PF_WRITE},
    {"open to AD WD", true, OPEN, AD | WD, ACCESS_READ, FAULT_NONE, ACCESS_WRITE, PF_WRITE},
    {"open, the flag is alive", true, OPEN, OPEN, ACCESS_READ, FAULT_NONE, ACCESS_WRITE, FAULT_NONE},
};

CHANGE_TEST(tlb_dirty_warm, "A denied write does not set D in a translation that is cached", warm,
            CHANGE_PKRS, CHANGE_HERE)

/* A4: how many pages of one size, one in each half, have the flag behind the fault. */
static unsigned accessed_after(const char *about, uint32_t rights, enum access access, fault_t want,
                               unsigned level)
{
    struct machine m = machine_normal();
    unsigned set = 0;

    m.pkrs = pkr_set(m.pkrs, KEY, rights);
    for (enum window_half half = WINDOW_LOW; half < WINDOW_HALVES; half++) {
        struct target t;

        if (!target_map(&t, level, half, level, target_page(KEY)))
            return 0;
        check_access(&t, m, access, 8, want, about);
        set += !!(*t.leaf & X86_PTE_A);
        page_unmap(space_current(), t.va);
    }
    return set;
}

static void observe(const char *about, uint32_t rights, enum access access, fault_t want)
{
    static const char *const seen[] = {"clear", "both", "set"};

    for (unsigned level = LEVEL_4K; level <= LEVEL_1G && target_level_exists(level); level++)
        test_note("observe id=A4 seen=%s size=%s access=%s",
                  seen[accessed_after(about, rights, access, want, level)], level_name(level), about);
}

TEST(tlb_accessed_fault,
     "The leaf's accessed flag after a fault with PK is observed (A4), the fault is exact")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    observe("read_ad", AD, ACCESS_READ, PF_READ);
    observe("write_ad", AD, ACCESS_WRITE, PF_WRITE);
    observe("write_wd", WD, ACCESS_WRITE, PF_WRITE);
}
