/*
 * Which register decides: PKRS for supervisor-mode addresses, PKRU for user-mode addresses, by the U/S flags
 * of the walk and never by who accesses (SDM volume 3, "Determination of Access Rights" and "Protection
 * Keys"). The situations are those that kvm-unit-tests' PKS test names (supervisor and user pages, AD and WD,
 * CR0.WP 0 and 1); here every one asserts the whole outcome, and the reads read. Supervisor means: by the
 * leaf, or by an upper entry above a leaf that says user.
 */
#include "access.h"

#define KEY 2

enum owner { BY_LEAF, BY_UPPER, USER };

struct situation {
    const char *about;
    enum owner owner;
    uint32_t rights; /* of KEY in PKRS */
    bool wp;
    enum access access;
    fault_t want;
};

#define AD       X86_PKR_AD
#define WD       X86_PKR_WD
#define PF_READ  FAULT_PF(X86_PF_PK | X86_PF_P)
#define PF_WRITE FAULT_PF(X86_PF_PK | X86_PF_W | X86_PF_P)

/* clang-format off: a table */
static const struct situation situations[] = {
    {"supervisor page, AD, WP=1", BY_LEAF, AD, true, ACCESS_WRITE, PF_WRITE},
    {"supervisor page, AD, WP=0", BY_LEAF, AD, false, ACCESS_WRITE, PF_WRITE},
    {"supervisor page, WD, WP=1", BY_LEAF, WD, true, ACCESS_WRITE, PF_WRITE},
    {"supervisor page, WD, WP=0", BY_LEAF, WD, false, ACCESS_WRITE, FAULT_NONE},
    {"supervisor page, AD, WP=1", BY_LEAF, AD, true, ACCESS_READ, PF_READ},
    {"supervisor page, AD, WP=0", BY_LEAF, AD, false, ACCESS_READ, PF_READ},
    {"supervisor page, WD, WP=1", BY_LEAF, WD, true, ACCESS_READ, FAULT_NONE},
    {"supervisor by upper entry, AD", BY_UPPER, AD, true, ACCESS_READ, PF_READ},
    {"supervisor by upper entry, AD", BY_UPPER, AD, true, ACCESS_WRITE, PF_WRITE},
    {"supervisor by upper entry, WD", BY_UPPER, WD, true, ACCESS_WRITE, PF_WRITE},
    {"supervisor by upper entry, WP=0", BY_UPPER, WD, false, ACCESS_WRITE, FAULT_NONE},
    {"user page, PKRS.WD, WP=0", USER, WD, false, ACCESS_WRITE, FAULT_NONE},
    {"user page, PKRS.WD, WP=1", USER, WD, true, ACCESS_WRITE, FAULT_NONE},
    {"user page, PKRS.AD, WP=1", USER, AD, true, ACCESS_READ, FAULT_NONE},
    {"user page, PKRS.AD, WP=0", USER, AD, false, ACCESS_WRITE, FAULT_NONE},
};
/* clang-format on */

static void check_situation(const struct situation *s, unsigned level, enum window_half half)
{
    struct entry page = target_page(KEY);
    struct machine m = machine_normal();
    struct target t;
    uint64_t *upper;

    page.user = s->owner != BY_LEAF;
    if (!target_map(&t, level, half, level, page))
        return;
    upper = page_walk(space_current(), t.va, level + 1, false, NULL);
    if (s->owner == BY_UPPER)
        *upper &= ~(uint64_t)X86_PTE_US;
    invlpg(t.va);
    m.wp = s->wp;
    m.pkrs = pkr_set(PKRS_DEFAULT, KEY, s->rights);
    check_access(&t, m, s->access, 8, s->want, s->about);
    page_unmap(space_current(), t.va);
}

TEST(rights_pages,
     "PKRS decides for supervisor-mode addresses, whichever entry makes them so, and never for user ones")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    for (unsigned level = LEVEL_4K; level <= LEVEL_1G && target_level_exists(level); level++)
        for (enum window_half half = WINDOW_LOW; half < WINDOW_HALVES; half++)
            for (unsigned i = 0; i < sizeof(situations) / sizeof(situations[0]); i++)
                check_situation(&situations[i], level, half);
}

TEST(rights_pku_apart, "PKRU decides for user-mode addresses and never for supervisor ones")
{
    struct machine m = machine_normal();
    struct entry page = target_page(KEY);
    struct target t;

    SKIP_UNLESS(cpu.pks, "no pks");
    SKIP_UNLESS(cpu.pku, "no pku");
    m.pke = true;
    m.pkru = PKR_AD(KEY);
    m.pkrs = pkr_set(PKRS_DEFAULT, KEY, 0);
    if (!target_map(&t, LEVEL_4K, WINDOW_LOW, 1, page))
        return;
    check_access(&t, m, ACCESS_READ, 8, FAULT_NONE, "supervisor page, PKRU.AD");
    check_access(&t, m, ACCESS_WRITE, 8, FAULT_NONE, "supervisor page, PKRU.AD");
    page_unmap(space_current(), t.va);
    page.user = true;
    if (!target_map(&t, LEVEL_4K, WINDOW_LOW, 1, page))
        return;
    check_access(&t, m, ACCESS_READ, 8, PF_READ, "user page, PKRU.AD");
    check_access(&t, m, ACCESS_WRITE, 8, PF_WRITE, "user page, PKRU.AD");
}

TEST(rights_cr4_pks_clear, "With CR4.PKS clear PKRS denies nothing")
{
    struct machine m = machine_normal();
    struct target t;

    SKIP_UNLESS(cpu.pks, "no pks");
    if (!target_map(&t, LEVEL_4K, WINDOW_HIGH, 1, target_page(KEY)))
        return;
    m.pks = false;
    m.pkrs = pkr_set(PKRS_DEFAULT, KEY, AD | WD);
    check_access(&t, m, ACCESS_READ, 8, FAULT_NONE, "CR4.PKS=0");
    check_access(&t, m, ACCESS_WRITE, 8, FAULT_NONE, "CR4.PKS=0");
}
