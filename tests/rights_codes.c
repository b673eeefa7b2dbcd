/*
 * The page-fault error code, row by row (SDM volume 3, "Page-Fault Exceptions"): PK says that the key alone
 * would have denied the data access, next to whatever else denied it; a translation that ends in a
 * not-present or a reserved bit has no key. Each row is tried on a page of each size, in both halves. All
 * rows are supervisor accesses to supervisor-mode addresses with key KEY; all other keys have the default
 * rights.
 */
#include "access.h"

#define KEY 6

enum rights { OPEN = 0, AD = X86_PKR_AD, WD = X86_PKR_WD };
enum broken { SOUND, LEAF_ABSENT, TOP_ABSENT, LEAF_RESERVED, TOP_RESERVED };

struct row {
    const char *about;
    enum rights rights;
    bool wp, writable, execute_disable;
    enum broken broken;
    enum access access;
    fault_t want;
};

#define P  X86_PF_P
#define W  X86_PF_W
#define R  X86_PF_R
#define I  X86_PF_I
#define PK X86_PF_PK

#define ROWS(rows) rows, sizeof(rows) / sizeof(rows[0])

/* clang-format off: a table */
static const struct row sound_rows[] = {
    /* about                              rights wp     rw     xd     broken         access        want */
    {"leaf not present, AD", AD, true, true, false, LEAF_ABSENT, ACCESS_READ, FAULT_PF(0)},
    {"leaf not present, AD", AD, true, true, false, LEAF_ABSENT, ACCESS_WRITE, FAULT_PF(W)},
    {"leaf not present, AD", AD, true, true, false, LEAF_ABSENT, ACCESS_FETCH, FAULT_PF(I)},
    {"top entry not present, AD", AD, true, true, false, TOP_ABSENT, ACCESS_READ, FAULT_PF(0)},
    {"top entry not present, AD", AD, true, true, false, TOP_ABSENT, ACCESS_WRITE, FAULT_PF(W)},
    {"AD", AD, true, true, false, SOUND, ACCESS_READ, FAULT_PF(PK | P)},
    {"AD", AD, true, true, false, SOUND, ACCESS_WRITE, FAULT_PF(PK | W | P)},
    {"AD, WP=0", AD, false, true, false, SOUND, ACCESS_READ, FAULT_PF(PK | P)},
    {"AD, WP=0", AD, false, true, false, SOUND, ACCESS_WRITE, FAULT_PF(PK | W | P)},
    {"WD", WD, true, true, false, SOUND, ACCESS_READ, FAULT_NONE},
    {"WD", WD, true, true, false, SOUND, ACCESS_WRITE, FAULT_PF(PK | W | P)},
    {"WD, WP=0", WD, false, true, false, SOUND, ACCESS_WRITE, FAULT_NONE},
    {"R/W=0 and WD", WD, true, false, false, SOUND, ACCESS_WRITE, FAULT_PF(PK | W | P)},
    {"R/W=0 and AD", AD, true, false, false, SOUND, ACCESS_WRITE, FAULT_PF(PK | W | P)},
    {"R/W=0, key permits", OPEN, true, false, false, SOUND, ACCESS_WRITE, FAULT_PF(W | P)},
    {"R/W=0, key permits, WP=0", OPEN, false, false, false, SOUND, ACCESS_WRITE, FAULT_NONE},
    {"R/W=0 and WD, WP=0", WD, false, false, false, SOUND, ACCESS_WRITE, FAULT_NONE},
    {"R/W=0 and AD, WP=0", AD, false, false, false, SOUND, ACCESS_WRITE, FAULT_PF(PK | W | P)},
    {"R/W=0 and AD", AD, true, false, false, SOUND, ACCESS_READ, FAULT_PF(PK | P)},
    {"R/W=0, key permits", OPEN, true, false, false, SOUND, ACCESS_READ, FAULT_NONE},
    {"XD and AD", AD, true, true, true, SOUND, ACCESS_FETCH, FAULT_PF(I | P)},
    {"XD, key permits", OPEN, true, true, true, SOUND, ACCESS_FETCH, FAULT_PF(I | P)},
    {"AD", AD, true, true, false, SOUND, ACCESS_FETCH, FAULT_NONE},
};
/* clang-format on */

/* Apart from the others, so that a machine which is wrong about reserved bits still shows what it knows of
 * keys. */
/* clang-format off: a table */
static const struct row reserved_rows[] = {
    {"reserved bit in the leaf, AD", AD, true, true, false, LEAF_RESERVED, ACCESS_READ, FAULT_PF(R | P)},
    {"reserved bit in the leaf, AD", AD, true, true, false, LEAF_RESERVED, ACCESS_WRITE, FAULT_PF(R | W | P)},
    {"reserved bit in the top entry, AD", AD, true, true, false, TOP_RESERVED, ACCESS_READ, FAULT_PF(R | P)},
    {"reserved bit in the top entry, AD", AD, true, true, false, TOP_RESERVED, ACCESS_WRITE,
     FAULT_PF(R | W | P)},
};
/* clang-format on */

/* Breaks an entry of the walk as the row says; false if this machine has no way to. */
static bool break_walk(const struct target *t, enum broken how, uint64_t **entry, uint64_t *sound)
{
    bool top = how == TOP_ABSENT || how == TOP_RESERVED;
    uint64_t reserved = entry_reserved_bit(top ? space_current()->levels : t->level, !top);

    *entry = top ? page_walk(space_current(), t->va, space_current()->levels, false, NULL) : t->leaf;
    *sound = **entry;
    if (how == LEAF_ABSENT || how == TOP_ABSENT)
        **entry &= ~(uint64_t)X86_PTE_P;
    if (how == LEAF_RESERVED || how == TOP_RESERVED)
        **entry |= reserved;
    return how == SOUND || how == LEAF_ABSENT || how == TOP_ABSENT || reserved;
}

static void check_row(const struct row *row, unsigned level, enum window_half half)
{
    struct entry leaf = target_page(KEY);
    struct machine m = machine_normal();
    uint64_t sound, *entry;
    struct target t;

    leaf.writable = row->writable;
    leaf.execute_disable = row->execute_disable;
    if (!target_map(&t, level, half, level, leaf))
        return;
    m.wp = row->wp;
    m.pkrs = pkr_set(PKRS_DEFAULT, KEY, row->rights);
    if (break_walk(&t, row->broken, &entry, &sound))
        check_access(&t, m, row->access, row->access == ACCESS_FETCH ? 1 : 8, row->want, row->about);
    else
        test_note("left out: %s, %s page: no reserved bit in that entry", row->about, level_name(level));
    *entry = sound;
    page_unmap(space_current(), t.va);
}

static void check_rows(unsigned level, const struct row *rows, unsigned count)
{
    SKIP_UNLESS(cpu.pks, "no pks");
    SKIP_UNLESS(target_level_exists(level), "no 1 GiB pages");
    for (unsigned i = 0; i < count; i++)
        for (enum window_half half = WINDOW_LOW; half < WINDOW_HALVES; half++)
            check_row(&rows[i], level, half);
}

TEST(rights_codes_4k, "The error-code table on 4 KiB pages")
{
    check_rows(LEVEL_4K, ROWS(sound_rows));
}

TEST(rights_codes_2m, "The error-code table on 2 MiB pages")
{
    check_rows(LEVEL_2M, ROWS(sound_rows));
}

TEST(rights_codes_1g, "The error-code table on 1 GiB pages")
{
    check_rows(LEVEL_1G, ROWS(sound_rows));
}

TEST(rights_reserved_4k, "A reserved bit in the walk of a 4 KiB page with AD: P and RSVD set, PK clear")
{
    check_rows(LEVEL_4K, ROWS(reserved_rows));
}

TEST(rights_reserved_2m, "A reserved bit in the walk of a 2 MiB page with AD: P and RSVD set, PK clear")
{
    check_rows(LEVEL_2M, ROWS(reserved_rows));
}

TEST(rights_reserved_1g, "A reserved bit in the walk of a 1 GiB page with AD: P and RSVD set, PK clear")
{
    check_rows(LEVEL_1G, ROWS(reserved_rows));
}
