/*
 * The two rows of the error-code table that need user-mode addresses or CPL 3, on pages of each size:
 * an implicit access (the descriptor that a segment load reads, and whose accessed bit it writes) is a
 * supervisor-mode access at any CPL, so PKRS decides and the U bit stays clear (SDM volume 3, "Access
 * Rights", and "Page-Fault Exceptions"); and a supervisor access to a user-mode address is PKRU's, next to
 * SMAP.
 */
#include "access.h"
#include "desc.h"
#include "user_code.h"

#define KEY      9
#define SELECTOR (X86_SEG_TI_LDT | X86_SEG_RPL_USER) /* the LDT's first descriptor */
#define ACCESSED (1ull << 40)                        /* in a segment descriptor's type */

struct implicit_row {
    const char *about;
    uint32_t rights;
    uint64_t descriptor;
    fault_t want;
};

/* clang-format off: a table */
static const struct implicit_row implicit_rows[] = {
    {"descriptor read, AD", X86_PKR_AD, SEGMENT_DATA_USER | ACCESSED, FAULT_PF(X86_PF_PK | X86_PF_P)},
    {"descriptor read, WD", X86_PKR_WD, SEGMENT_DATA_USER | ACCESSED, FAULT_NONE},
    {"descriptor read, open", 0, SEGMENT_DATA_USER | ACCESSED, FAULT_NONE},
    {"accessed-bit write, WD", X86_PKR_WD, SEGMENT_DATA_USER, FAULT_PF(X86_PF_PK | X86_PF_W | X86_PF_P)},
    {"accessed-bit write, key opens", 0, SEGMENT_DATA_USER, FAULT_NONE},
};
/* clang-format on */

static void check_implicit(const struct implicit_row *row, const struct target *t, uint64_t code,
                           bool from_user)
{
    struct machine m = machine_normal();
    uint64_t written = row->want == FAULT_NONE ? row->descriptor | ACCESSED : row->descriptor;
    struct outcome o;

    *t->alias = row->descriptor;
    target_set_leaf(t, *t->leaf & ~(uint64_t)(X86_PTE_A | X86_PTE_D));
    ldt_load(t->va, 7);
    m.pkrs = pkr_set(PKRS_DEFAULT, KEY, row->rights);
    machine_set(m);
    if (from_user)
        o = user_load_fs(code, code + X86_PAGE_SIZE, SELECTOR);
    else
        o = probe(PROBE_load_fs, SELECTOR, 0);
    machine_set(machine_normal());
    ldt_load(0, 0);

    expect_equal(o.fault, row->want, "%s, cpl %u, %s page (%s)", row->about, from_user ? 3 : 0,
                 level_name(t->level), fault_text(o.fault).s);
    expect_equal(*t->alias, written, "descriptor after %s, cpl %u", row->about, from_user ? 3 : 0);
    if (o.fault == FAULT_NONE)
        return;
    if (o.cr2 - t->va >= sizeof(*t->alias)) /* which of its bytes are accessed first is not architectural */
        test_fail("cr2 of %s, cpl %u: want in the descriptor at 0x%lx got 0x%lx", row->about,
                  from_user ? 3 : 0, t->va, o.cr2);
    expect_equal(o.rip, from_user ? user_probe_address(USER_load_fs, code) : probe_address(PROBE_load_fs),
                 "rip of %s, cpl %u", row->about, from_user ? 3 : 0);
    expect_equal(o.pkrs, m.pkrs, "pkrs in the frame of %s, cpl %u", row->about, from_user ? 3 : 0);
    expect_equal(entry_decode(*t->leaf, t->level).dirty, false, "D flag after %s", row->about);
}

static void check_implicit_rows(bool from_user)
{
    uint64_t code = user_code_map();

    SKIP_UNLESS(cpu.pks, "no pks");
    for (unsigned level = LEVEL_4K; code && level <= LEVEL_1G && target_level_exists(level); level++) {
        struct target t;

        if (!target_map(&t, level, WINDOW_HIGH, level, target_page(KEY)))
            return;
        for (unsigned i = 0; i < sizeof(implicit_rows) / sizeof(implicit_rows[0]); i++)
            check_implicit(&implicit_rows[i], &t, code, from_user);
    }
    __asm__ volatile("mov %0, %%fs" : : "r"(0));
}

TEST(rights_implicit_cpl0, "At CPL 0 a segment load's descriptor read and accessed-bit write obey PKRS")
{
    check_implicit_rows(false);
}

TEST(rights_implicit_cpl3, "At CPL 3 they obey PKRS as well, and the error code says supervisor")
{
    check_implicit_rows(true);
}

TEST(rights_smap_pkru,
     "A supervisor access to a user page that SMAP and PKRU both deny has PK set and U clear")
{
    struct machine m = machine_normal();
    struct entry page = target_page(KEY);

    SKIP_UNLESS(cpu.smap, "no smap");
    SKIP_UNLESS(cpu.pku, "no pku");
    m.smap = m.pke = true;
    page.user = true;
    for (unsigned level = LEVEL_4K; level <= LEVEL_1G && target_level_exists(level); level++) {
        struct target t;

        if (!target_map(&t, level, WINDOW_LOW, level, page))
            return;
        m.pkru = PKR_AD(KEY);
        check_access(&t, m, ACCESS_READ, 8, FAULT_PF(X86_PF_PK | X86_PF_P), "smap and pkru.ad");
        check_access(&t, m, ACCESS_WRITE, 8, FAULT_PF(X86_PF_PK | X86_PF_W | X86_PF_P), "smap and pkru.ad");
        m.pkru = 0;
        check_access(&t, m, ACCESS_READ, 8, FAULT_PF(X86_PF_P), "smap alone");
    }
}
