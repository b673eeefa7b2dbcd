/*
 * The oracle against the golden rows, and against what the manual says of every error code and of the open
 * points, over every state of a small space. `test_pks_model golden_rows` runs that test alone (scripts/bite
 * does).
 */

#include "host.h"

#include "glob.h"
#include "pks/bits.h"
#include "pks/rules.h"

#include <stdbool.h>
#include <stdio.h>

#define KEY   9
#define OTHER 4

/* True if every outcome that one answer allows is legal for the other too. */
static bool within(const struct pks_answer *a, const struct pks_answer *b)
{
    bool in = pks_allows(b, a->fault);

    for (unsigned i = 0; i < a->also_count; i++)
        in &= pks_allows(b, a->also[i]);
    return in;
}

static void golden_rows(void **state)
{
    unsigned objections = 0;

    (void)state;
    for (unsigned i = 0; i < pks_golden_count; i++) {
        const struct pks_golden *row = &pks_golden[i];
        struct pks_answer got = pks_predict(&row->state, &row->access);

        if (got.fault == row->want.fault && got.open == row->want.open && within(&got, &row->want) &&
            within(&row->want, &got))
            continue;
        objections++;
        printf("golden: %s %s: %s: want %s, open 0x%02x, %u others; got %s, open 0x%02x, %u others\n",
               pks_rules[row->rule].id, row->group, row->about, fault_text(row->want.fault).s, row->want.open,
               row->want.also_count, fault_text(got.fault).s, got.open, got.also_count);
    }
    fflush(stdout);
    assert_int_equal(objections, 0);
}

static void rows_belong_to_the_tests_of_their_rule(void **state)
{
    unsigned rows[PKS_RULE_none] = {0};

    (void)state;
    for (unsigned i = 0; i < pks_golden_count; i++) {
        const struct pks_golden *row = &pks_golden[i];
        char test[64];

        rows[row->rule]++;
        assert_in_range(snprintf(test, sizeof(test), "rights_golden_%s", row->group), 1, 60); /* and "_l4" */
        if (!glob_selects(pks_rules[row->rule].tests, test))
            fail_msg("rule %s does not name %s", pks_rules[row->rule].id, test);
    }
    for (unsigned i = 0; i < PKS_RULE_none; i++)
        if (rows[i] == 0)
            fail_msg("rule %s has no golden row", pks_rules[i].id);
}

/* ---- every state of a small space: one entry of any kind, one key, all switches */

enum { PRESENT = 1, WRITABLE = 2, USER = 4, XD = 8, RESERVED = 16, PLAIN = PRESENT | WRITABLE | USER };

static struct pks_entry entry_of(unsigned flags, uint8_t key)
{
    return (struct pks_entry){flags & PRESENT, flags & WRITABLE, flags & USER,
                              flags & XD,      flags & RESERVED, key};
}

typedef void look_fn(const struct pks_state *state, const struct pks_access *access);

static void each_access(const struct pks_state *state, look_fn *look)
{
    for (unsigned n = 0; n < 5 * 4 * 2 * 2; n++) {
        struct pks_access access = {
            .kind = n % 5, .cpl = n / 5 % 4, .implicit = n / 20 % 2, .locked = n / 40};

        if (access.locked ? access.kind == PKS_RMW : !access.implicit || access.kind <= PKS_RMW)
            look(state, &access);
    }
}

static void each_state(look_fn *look)
{
    for (unsigned n = 0; n < 128 * 4 * 4 * 32 * 2; n++) {
        unsigned flags = n / 2048 % 32, upper = n / 2048 / 32;
        struct pks_state s = {.wp = n & 1, .nxe = n & 2, .smep = n & 4, .smap = n & 8, .ac = n & 16};

        s.pke = n & 32;
        s.pks = n & 64;
        s.pkru = pkr_set(0x99999999, KEY, n / 128 % 4);
        s.pkrs = pkr_set(0x66666666, KEY, n / 512 % 4);
        s.layout = (struct pks_layout){.levels = 4, .leaf_level = PKS_PTE};
        s.layout.leaf = entry_of(upper ? PLAIN : flags, KEY);
        for (unsigned level = PKS_PDE; level <= PKS_PML4E; level++)
            s.layout.upper[level] = entry_of(upper && level == PKS_PDPTE ? flags : PLAIN, OTHER);
        each_access(&s, look);
    }
}

static void every_code_obeys_the_manual(const struct pks_state *s, const struct pks_access *a)
{
    struct pks_walk walk = pks_walk_summary(&s->layout, s->nxe);
    struct pks_answer answer = pks_predict(s, a);
    unsigned present = walk.end == PKS_WALK_ABSENT ? 0 : X86_PF_P;
    unsigned end = present | (walk.end == PKS_WALK_RESERVED ? X86_PF_R : 0);
    bool user = a->cpl == 3 && !a->implicit;

    for (unsigned i = 0; i <= answer.also_count; i++) {
        fault_t fault = i ? answer.also[i - 1] : answer.fault;
        unsigned code = fault & 0x3f;

        if (fault == FAULT_NONE)
            continue;
        assert_int_equal(fault, FAULT_PF(code));
        assert_int_equal(!!(code & X86_PF_U), user);
        if (code & X86_PF_PK)
            assert_int_equal(code & (X86_PF_P | X86_PF_R | X86_PF_I), X86_PF_P);
        assert_int_equal(code & (X86_PF_P | X86_PF_R), end);
        if (a->kind != PKS_RMW)
            assert_int_equal(!!(code & X86_PF_W), a->kind == PKS_WRITE);
        assert_int_equal(!!(code & X86_PF_I), a->kind == PKS_FETCH && (s->nxe || s->smep));
    }
    if (!(answer.open & PKS_OPEN_A1)) /* otherwise the reading decides */
        assert_int_equal(!!(answer.fault & X86_PF_PK), !!(answer.reasons & PKS_REASON_KEY));
    assert_int_equal(answer.fault != FAULT_NONE, walk.end != PKS_WALK_COMPLETE || answer.reasons);
}

/* Section "Protection Keys" for one access, without the rest. */
static bool key_alone_denies(const struct pks_state *s, bool supervisor_address, bool write, bool user)
{
    uint32_t rights = pkr_get(supervisor_address ? s->pkrs : s->pkru, KEY);
    bool wd = write && rights & X86_PKR_WD && (s->wp || (user && !supervisor_address));

    return (supervisor_address ? s->pks : s->pke) && (rights & X86_PKR_AD || wd);
}

static void open_points_touch_what_they_are_about(const struct pks_state *s, const struct pks_access *a)
{
    struct pks_answer answer = pks_predict(s, a);
    struct pks_walk walk = pks_walk_summary(&s->layout, s->nxe);
    struct pks_access read = {.kind = PKS_READ, .cpl = a->cpl, .implicit = a->implicit};
    bool user = a->cpl == 3 && !a->implicit, write = a->kind == PKS_WRITE || a->kind == PKS_RMW;
    bool mapped = walk.end == PKS_WALK_COMPLETE, data = a->kind != PKS_FETCH;
    bool wd_whatever_wp = write && s->pks && s->pkrs & PKR_WD(KEY);
    bool key = mapped && data && key_alone_denies(s, !walk.user, write, user);
    bool a1 = mapped && data && user && !walk.user && (key || wd_whatever_wp);
    bool a3 = a->kind == PKS_RMW && !a->locked && pks_predict(s, &read).fault != FAULT_NONE;
    bool a5 = a->kind == PKS_FLUSH && key && !a1;
    unsigned open = (a1 ? PKS_OPEN_A1 : 0) | (a3 ? PKS_OPEN_A3 : 0) | (a5 ? PKS_OPEN_A5 : 0);
    unsigned may = (a1 || a3 ? X86_PF_PK : 0) | (a3 ? X86_PF_W : 0); /* bits of the code that are free */

    assert_int_equal(!!(answer.reasons & PKS_REASON_KEY), key);
    assert_int_equal(answer.open, open | (key || a1 ? PKS_OPEN_A4 : 0));
    assert_int_equal(answer.also_count > 0, open != 0);
    for (unsigned i = 0; i < answer.also_count && !a5; i++)
        assert_int_equal((answer.fault ^ answer.also[i]) & ~may, 0);
}

/* A2: CR4 acts at once, whatever is cached. A6: with the old key or with the new one, nothing between. */
static void stale_translations_add_the_old_key_only(const struct pks_state *s, const struct pks_access *a)
{
    struct pks_state stale = *s, other = *s;
    struct pks_answer now = pks_predict(s, a), got, then;

    other.pks = !s->pks;
    other.pke = !s->pke;
    then = pks_predict(&other, a);
    stale.cr4_stale = true;
    got = pks_predict(&stale, a);
    assert_true(got.fault == now.fault && got.also_count == now.also_count);
    assert_int_equal(got.open, now.open | (then.fault != now.fault ? PKS_OPEN_A2 : 0));

    other = stale = *s;
    other.layout.leaf.key = OTHER;
    then = pks_predict(&other, a);
    stale.key_stale = true;
    stale.old_key = OTHER;
    got = pks_predict(&stale, a);
    assert_int_equal(got.fault, now.fault);
    assert_true(within(&now, &got) && within(&then, &got));
    for (unsigned i = 0; i < got.also_count; i++)
        assert_true(pks_allows(&now, got.also[i]) || pks_allows(&then, got.also[i]));
    assert_int_equal(!!(got.open & PKS_OPEN_A6), !within(&then, &now));
}

static void small_space(void **state)
{
    each_state(*(look_fn **)*state);
}

/* ---- the walk: every mixture of flags in four entries */

static void walks_end_at_the_first_bad_entry(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 1u << 20; n++) {
        bool large = n % 3 == 0, nxe = n % 7 != 0; /* 5 levels with 2 MiB, or 4 with 4 KiB */
        struct pks_layout l = {.levels = large ? 5 : 4, .leaf_level = large ? PKS_PDE : PKS_PTE};
        unsigned all = 31, any = 0;
        enum pks_walk_end end = PKS_WALK_COMPLETE;
        struct pks_walk walk;

        for (unsigned i = 0; i < 4 && end == PKS_WALK_COMPLETE; i++) {
            unsigned flags = n >> 5 * i & 31;

            all &= flags;
            any |= flags;
            if (!(flags & PRESENT) || flags & RESERVED || (flags & XD && !nxe))
                end = flags & PRESENT ? PKS_WALK_RESERVED : PKS_WALK_ABSENT;
        }
        for (unsigned i = 0; i < 3; i++)
            l.upper[l.levels - i] = entry_of(n >> 5 * i & 31, OTHER);
        l.leaf = entry_of(n >> 15, KEY);
        walk = pks_walk_summary(&l, nxe);
        assert_int_equal(walk.end, end);
        if (end == PKS_WALK_COMPLETE) {
            assert_int_equal(walk.user, !!(all & USER));
            assert_int_equal(walk.writable, !!(all & WRITABLE));
            assert_int_equal(walk.xd, !!(any & XD));
        }
    }
}

int main(int argc, char **argv)
{
    static look_fn *looks[] = {every_code_obeys_the_manual, open_points_touch_what_they_are_about,
                               stale_translations_add_the_old_key_only};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_rows),
        cmocka_unit_test(rows_belong_to_the_tests_of_their_rule),
        {"every_code_obeys_the_manual", small_space, NULL, NULL, &looks[0]},
        {"open_points_touch_what_they_are_about", small_space, NULL, NULL, &looks[1]},
        {"stale_translations_add_the_old_key_only", small_space, NULL, NULL, &looks[2]},
        cmocka_unit_test(walks_end_at_the_first_bad_entry),
    };

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
