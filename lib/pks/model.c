#include "pks/model.h"

#include "pks/bits.h"
#include "pks/rules.h"

/*
 * The code names the rule behind each condition. scripts/bite compiles this file with one rule removed at a
 * time (-DPKS_WITHOUT=id) to see that the golden rows notice; otherwise RULE() is the constant true.
 */
#ifndef PKS_WITHOUT
#define PKS_WITHOUT none
#endif
#define RULE_PASTE(id)         PKS_RULE_##id
#define RULE_ID(id)            RULE_PASTE(id)
#define RULE(id)               (RULE_ID(id) != RULE_ID(PKS_WITHOUT))
#define NEEDS(rule, condition) ((condition) || !RULE(rule)) /* no condition once the rule is removed */
#define COUNTS(rule, cause)    (RULE(rule) && (cause))      /* no cause once the rule is removed */

/* An access as the access rights see it. */
struct view {
    bool write, fetch, implicit;
    bool user; /* a user-mode access */
};

/* ---- translation: "Linear-Address Translation with 4-Level Paging and 5-Level Paging" */

static enum pks_walk_end entry_end(const struct pks_entry *e, bool nxe)
{
    bool reserved = e->reserved || COUNTS(xd_reserved, e->xd && !nxe);

    if (COUNTS(reserved_bit, reserved && NEEDS(reserved_needs_present, e->present)))
        return PKS_WALK_RESERVED;
    return COUNTS(not_present, !e->present) ? PKS_WALK_ABSENT : PKS_WALK_COMPLETE;
}

static uint8_t layout_key(const struct pks_layout *l)
{
    uint8_t key = l->leaf.key;

    if (!RULE(key_of_leaf))
        key = l->upper[l->leaf_level + 1].key;
    if (!RULE(key_of_large_leaf) && l->leaf_level != PKS_PTE)
        key = 0;
    return RULE(key_has_four_bits) ? key : key & 7;
}

struct pks_walk pks_walk_summary(const struct pks_layout *l, bool nxe)
{
    struct pks_walk w = {.end = PKS_WALK_COMPLETE, .user = true, .writable = true, .key = layout_key(l)};

    for (unsigned level = RULE(pml5e_counts) ? l->levels : PKS_PML4E; level >= l->leaf_level; level--) {
        bool leaf = level == l->leaf_level;
        const struct pks_entry *e = leaf ? &l->leaf : &l->upper[level];
        enum pks_walk_end end = entry_end(e, nxe);

        w.user &= leaf ? NEEDS(us_of_leaf, e->user) : NEEDS(us_of_upper, e->user);
        w.writable &= leaf ? NEEDS(rw_of_leaf, e->writable) : NEEDS(rw_of_upper, e->writable);
        w.xd |= leaf ? COUNTS(xd_of_leaf, e->xd) : COUNTS(xd_of_upper, e->xd);
        if (end != PKS_WALK_COMPLETE)
            w.end = end;
        if (COUNTS(first_bad_entry, end != PKS_WALK_COMPLETE))
            break;
    }
    return w;
}

/* ---- keys: "Protection Keys" */

/* The key's two bits, now or before CR4.PKS and CR4.PKE changed; 0 where keys are not in force. */
static uint32_t key_rights(const struct pks_state *s, const struct pks_walk *w, struct view v, unsigned key,
                           bool before)
{
    bool user = RULE(register_by_address) ? w->user : v.user;
    bool pke = s->pke != before;
    bool pks = s->pks != before;
    bool enabled = user ? NEEDS(pkru_needs_pke, pke) : NEEDS(pkrs_needs_pks, pks);
    uint32_t value = user ? s->pkru : s->pkrs;
    uint32_t rights = pkr_get(value, key);

    if (!RULE(pks_pke_apart))
        enabled = pke || pks;
    if (!RULE(key_decides_alone))
        for (unsigned other = 0; other < X86_PKEYS; other++)
            rights |= pkr_get(value, other);
    return enabled && (key != 0 || RULE(key_0_like_others)) ? rights : 0;
}

static bool key_denies(const struct pks_state *s, const struct pks_walk *w, struct view v, uint32_t rights)
{
    bool ad = rights & X86_PKR_AD && (v.write ? RULE(ad_denies_writes) : RULE(ad_denies_reads));
    bool wd = rights & X86_PKR_WD && NEEDS(wd_spares_reads, v.write) && RULE(wd_denies_writes);
    bool wd_in_force = NEEDS(wd_needs_wp, s->wp);

    if (w->user)
        wd_in_force = v.user ? s->wp || RULE(pkru_wd_user_any_wp) : NEEDS(pkru_wd_needs_wp, s->wp);
    return NEEDS(fetch_has_no_key, !v.fetch) && ((ad && (s->wp || RULE(ad_any_wp))) || (wd && wd_in_force));
}

/* ---- everything else: "Determination of Access Rights" */

static bool rw_denies(const struct pks_state *s, const struct pks_walk *w, struct view v)
{
    bool in_force = v.user ? s->wp || RULE(rw_user_any_wp) : NEEDS(rw_needs_wp, s->wp);

    return COUNTS(rw_denies_writes, !w->writable && NEEDS(rw_spares_reads, v.write) && in_force);
}

static bool smep_denies(const struct pks_state *s, const struct pks_walk *w, struct view v)
{
    return NEEDS(smep_needs_cr4, s->smep) && NEEDS(smep_spares_data, v.fetch) &&
           NEEDS(smep_spares_user_fetches, !v.user) && NEEDS(smep_spares_supervisor_pages, w->user) &&
           RULE(smep_denies_fetches);
}

static bool smap_denies(const struct pks_state *s, const struct pks_walk *w, struct view v)
{
    bool lifted = COUNTS(smap_ac, s->ac && NEEDS(smap_ac_explicit_only, !v.implicit));

    return NEEDS(smap_needs_cr4, s->smap) && NEEDS(smap_spares_fetches, !v.fetch) &&
           NEEDS(smap_spares_user_accesses, !v.user) && NEEDS(smap_spares_supervisor_pages, w->user) &&
           !lifted && RULE(smap_denies_data);
}

static unsigned denials(const struct pks_state *s, const struct pks_walk *w, struct view v, uint32_t rights)
{
    bool us = COUNTS(us_denies_user, v.user && !w->user);
    bool rw = rw_denies(s, w, v) && (RULE(rights_are_anded) || !s->pks || rights);
    bool xd = COUNTS(xd_denies_fetches, w->xd && NEEDS(xd_spares_data, v.fetch));

    return (us ? PKS_REASON_US : 0) | (rw ? PKS_REASON_RW : 0) | (xd ? PKS_REASON_XD : 0) |
           (smep_denies(s, w, v) ? PKS_REASON_SMEP : 0) | (smap_denies(s, w, v) ? PKS_REASON_SMAP : 0) |
           (key_denies(s, w, v, rights) ? PKS_REASON_KEY : 0);
}

/* ---- the error code: "Page-Fault Exceptions" */

static bool code_pk_set(struct view v, unsigned reasons)
{
    bool key = reasons & PKS_REASON_KEY && (reasons == PKS_REASON_KEY || RULE(code_pk_beside_others));

    return COUNTS(code_pk, key) || (!RULE(code_pk_key_only) && reasons && !v.fetch);
}

static fault_t fault_of(const struct pks_state *s, const struct pks_walk *w, struct view v, unsigned reasons)
{
    bool id = v.fetch && NEEDS(code_id_nxe_or_smep, s->nxe || COUNTS(code_id_smep, s->smep));

    if (w->end == PKS_WALK_COMPLETE && !reasons)
        return FAULT_NONE;
    return FAULT_PF((COUNTS(code_p, w->end == PKS_WALK_ABSENT) ? 0 : X86_PF_P) |
                    (COUNTS(code_rsvd, w->end == PKS_WALK_RESERVED) ? X86_PF_R : 0) |
                    (COUNTS(code_w, v.write) ? X86_PF_W : 0) | (COUNTS(code_u, v.user) ? X86_PF_U : 0) |
                    (COUNTS(code_id, id) ? X86_PF_I : 0) | (code_pk_set(v, reasons) ? X86_PF_PK : 0));
}

/* ---- the answer, and the open points */

/* A point touches the answer where it makes one more outcome legal. */
static void answer_add(struct pks_answer *answer, fault_t fault, unsigned points)
{
    if (pks_allows(answer, fault))
        return;
    answer->also[answer->also_count++] = fault;
    answer->open |= (uint8_t)points;
}

struct outcome {
    fault_t fault;
    uint8_t reasons;
    bool pk_open; /* A1 */
};

static struct outcome outcome_of(const struct pks_state *s, const struct pks_walk *w, struct view v,
                                 uint32_t rights)
{
    bool translated = NEEDS(rights_need_translation, w->end == PKS_WALK_COMPLETE);
    unsigned reasons = translated ? denials(s, w, v, rights) : 0;
    bool key_bits = rights & X86_PKR_AD || (v.write && rights & X86_PKR_WD);

    return (struct outcome){
        .fault = fault_of(s, w, v, reasons),
        .reasons = (uint8_t)reasons,
        .pk_open = COUNTS(open_a1, v.user && !w->user && !v.fetch && key_bits && translated),
    };
}

static void add_outcome(struct pks_answer *answer, struct outcome o, unsigned points)
{
    answer_add(answer, o.fault, points);
    if (o.pk_open)
        answer_add(answer, o.fault ^ X86_PF_PK, points | PKS_OPEN_A1);
}

/* All that is legal for an access of any kind while its key has these rights. */
static void add_outcomes(struct pks_answer *answer, const struct pks_state *s, const struct pks_walk *w,
                         const struct pks_access *a, struct view v, uint32_t rights, unsigned points)
{
    struct outcome read;

    add_outcome(answer, outcome_of(s, w, v, rights), points);
    if (COUNTS(open_a5, a->kind == PKS_FLUSH))
        add_outcome(answer, outcome_of(s, w, v, 0), points | PKS_OPEN_A5);
    if (!COUNTS(open_a3, a->kind == PKS_RMW && NEEDS(a3_unlocked_only, !a->locked)))
        return;
    v.write = false;
    read = outcome_of(s, w, v, rights);
    if (read.fault != FAULT_NONE)
        add_outcome(answer, read, points | PKS_OPEN_A3);
}

static struct view view_of(const struct pks_access *a)
{
    bool user = a->cpl == 3 ? RULE(cpl3_is_user) : a->cpl && !RULE(cpl12_are_supervisor);

    return (struct view){
        .write = a->kind == PKS_WRITE || COUNTS(rmw_is_write, a->kind == PKS_RMW) ||
                 (a->kind == PKS_FLUSH && !RULE(flush_is_read)),
        .fetch = a->kind == PKS_FETCH,
        .implicit = a->implicit,
        .user = user && NEEDS(implicit_is_supervisor, !a->implicit),
    };
}

struct pks_answer pks_judge(const struct pks_state *s, const struct pks_walk *w, const struct pks_access *a)
{
    struct view v = view_of(a);
    uint32_t rights = key_rights(s, w, v, w->key, s->cr4_stale && !RULE(cr4_acts_at_once));
    struct outcome o = outcome_of(s, w, v, rights);
    struct pks_answer answer = {.fault = o.fault, .reasons = o.reasons};
    fault_t codes = o.fault;

    if (o.pk_open || a->kind == PKS_RMW || a->kind == PKS_FLUSH)
        add_outcomes(&answer, s, w, a, v, rights, 0);
    if (s->cr4_stale && outcome_of(s, w, v, key_rights(s, w, v, w->key, true)).fault != o.fault)
        answer.open |= PKS_OPEN_A2;
    if (COUNTS(open_a6, s->key_stale))
        add_outcomes(&answer, s, w, a, v, key_rights(s, w, v, s->old_key, false), PKS_OPEN_A6);
    for (unsigned i = 0; i < answer.also_count; i++)
        codes |= answer.also[i];
    answer.open |= COUNTS(open_a4, codes & X86_PF_PK) ? PKS_OPEN_A4 : 0;
    return answer;
}
