/*
 * The key is part of the translation, so changing it in the leaf needs an invalidation (SDM volume 3,
 * "Details of TLB Use", "Recommended Invalidation"): behind INVLPG the new key decides; before it the
 * processor may use the old translation or the new one, but nothing else. Which of the two it was is open
 * point A6: observed, apart for rights that the new key takes away and for rights that it gives, and never a
 * failure. One PKRS value serves all: it gives three keys three different rights.
 */
#include "tlb.h"

#define KEY_OPEN 3
#define KEY_AD   9
#define KEY_WD   14

/* A translation with key `from` is filled by `warm`; `then` tells the two keys apart by how it ends. */
struct row {
    const char *about;
    unsigned from;
    enum access warm;
    unsigned to;
    enum access then;
    fault_t want_old, want_new;
};

static const struct row rows[] = {
    {"open to AD", KEY_OPEN, ACCESS_WRITE, KEY_AD, ACCESS_READ, FAULT_NONE, PF_READ},
    {"open to AD", KEY_OPEN, ACCESS_WRITE, KEY_AD, ACCESS_WRITE, FAULT_NONE, PF_WRITE},
    {"open to WD", KEY_OPEN, ACCESS_WRITE, KEY_WD, ACCESS_WRITE, FAULT_NONE, PF_WRITE},
    {"WD to AD", KEY_WD, ACCESS_READ, KEY_AD, ACCESS_READ, FAULT_NONE, PF_READ},
    {"WD to open", KEY_WD, ACCESS_READ, KEY_OPEN, ACCESS_WRITE, PF_WRITE, FAULT_NONE},
    {"AD to open", KEY_AD, ACCESS_FETCH, KEY_OPEN, ACCESS_READ, PF_READ, FAULT_NONE},
    {"AD to open", KEY_AD, ACCESS_FETCH, KEY_OPEN, ACCESS_WRITE, PF_WRITE, FAULT_NONE},
    {"AD to WD", KEY_AD, ACCESS_FETCH, KEY_WD, ACCESS_READ, PF_READ, FAULT_NONE},
};

/* Rows that take a right away, and rows that give one. */
enum kind { TAKEN, GIVEN, KINDS };

/* How often the old key acted, and how often the new one. */
struct tally {
    unsigned old, new;
};

static enum kind kind_of(const struct row *row)
{
    return row->want_old == FAULT_NONE ? TAKEN : GIVEN;
}

static fault_t check_row(const struct target *t, const struct row *row, bool invalidate)
{
    struct machine m = machine_normal();
    struct access_seen warm, then;
    bool old;

    m.pkrs = pkr_set(pkr_set(m.pkrs, KEY_OPEN, 0), KEY_WD, X86_PKR_WD);
    *t->alias = ACCESS_PATTERN;
    target_set_leaf(t, *t->leaf & ~(uint64_t)(X86_PTE_A | X86_PTE_D));
    machine_set(m);
    warm = access_make(t, row->warm, 8);
    target_edit_leaf(t, *t->leaf ^ (uint64_t)(row->from ^ row->to) << X86_PTE_PKEY_BIT);
    if (invalidate)
        invlpg(t->va);
    then = access_make(t, row->then, 8);
    machine_set(machine_normal());

    old = !invalidate && then.outcome.fault == row->want_old;
    access_compare(t, m, row->warm, 8, FAULT_NONE, row->about, &warm);
    access_compare(t, m, row->then, 8, old ? row->want_old : row->want_new, row->about, &then);
    return then.outcome.fault;
}

static void check_pages(const struct row *row, bool global, bool invalidate, struct tally *tally)
{
    for (unsigned level = LEVEL_4K; level <= LEVEL_1G && target_level_exists(level); level++) {
        for (enum window_half half = WINDOW_LOW; half < WINDOW_HALVES; half++) {
            struct entry page = target_page(row->from);
            struct target t;
            fault_t got;

            page.global = global;
            if (!target_map(&t, level, half, level, page))
                return;
            got = check_row(&t, row, invalidate);
            tally->old += got == row->want_old;
            tally->new += got == row->want_new;
            page_unmap(space_current(), t.va);
        }
    }
}

static void observe(const struct tally *tally, enum kind kind, bool global)
{
    const char *seen = tally->new ? "new" : "old";

    if (tally->old && tally->new)
        seen = "both";
    test_note("observe id=A6 seen=%s right=%s global=%u old=%u new=%u", seen,
              kind == TAKEN ? "taken" : "given", global, tally->old, tally->new);
}

static void check(bool global, bool invalidate)
{
    uint64_t cr4 = cr4_read();
    struct tally tally[KINDS] = {{0}};

    SKIP_UNLESS(cpu.pks, "no pks");
    cr4_write(global ? cr4 | X86_CR4_PGE : cr4);
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check_pages(&rows[i], global, invalidate, &tally[kind_of(&rows[i])]);
    cr4_write(cr4);
    for (enum kind kind = TAKEN; kind < KINDS && !invalidate; kind++)
        observe(&tally[kind], kind, global);
}

TEST(tlb_key_invlpg, "A key changed in the leaf decides after INVLPG")
{
    check(false, true);
}

TEST(tlb_key_invlpg_global, "A key changed in the leaf of a global page decides after INVLPG")
{
    check(true, true);
}

TEST(tlb_key_stale, "A key changed in the leaf without INVLPG: the old one decides or the new one (A6)")
{
    check(false, false);
}

TEST(tlb_key_stale_global, "The same in the leaf of a global page (A6)")
{
    check(true, false);
}
