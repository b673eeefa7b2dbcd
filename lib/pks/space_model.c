/* What a case means: its legality, and the state and access that the oracle is asked about. */

#include "pks/bits.h"
#include "pks/space.h"
#include "string.h"

#define BOTH      (X86_PKR_AD | X86_PKR_WD)
#define EVERY_KEY 0x55555555u /* times two bits of rights */

static unsigned leaf_level(const struct pks_case *c)
{
    return PKS_PTE + c->v[PKS_AXIS_leaf];
}

static unsigned levels(const struct pks_case *c)
{
    return 4 + c->v[PKS_AXIS_paging];
}

/* The level of the single upper entry with U/S=0, 0 for the other layouts. */
static unsigned us_level(const struct pks_case *c)
{
    unsigned us = c->v[PKS_AXIS_us];

    return us >= PKS_US_L5 && us <= PKS_US_L2 ? PKS_PML5E - (us - PKS_US_L5) : 0;
}

enum pks_legality pks_case_legal(const struct pks_case *c, const struct pks_features *f)
{
    unsigned level = us_level(c);
    bool lacks = (c->v[PKS_AXIS_pks] && !f->pks) || (c->v[PKS_AXIS_pke] && !f->pku) ||
                 (c->v[PKS_AXIS_paging] && !f->la57) || (c->v[PKS_AXIS_smep] && !f->smep) ||
                 (c->v[PKS_AXIS_smap] && !f->smap) || (leaf_level(c) == PKS_PDPTE && !f->page_1g);

    if (level && (level > levels(c) || level <= leaf_level(c)))
        return PKS_NO_LEVEL;
    return lacks ? PKS_NO_FEATURE : PKS_LEGAL;
}

enum pks_legality pks_answer_legal(const struct pks_answer *answer)
{
    if (answer->also_count)
        return PKS_OPEN_POINT;
    return answer->reasons & (answer->reasons - 1) ? PKS_MANY_CAUSES : PKS_LEGAL;
}

unsigned pks_case_kernel_key(const struct pks_case *c)
{
    return c->v[PKS_AXIS_key] == 0;
}

static void put_layout(const struct pks_case *c, struct pks_layout *l)
{
    uint8_t key = c->v[PKS_AXIS_key];
    struct pks_entry e = {.present = true};
    unsigned leaf = leaf_level(c);

    l->levels = (uint8_t)levels(c);
    l->leaf_level = (uint8_t)leaf;
    for (unsigned level = leaf; level <= l->levels; level++) {
        unsigned here = level == leaf ? PKS_AT_LEAF : level == leaf + 1 ? PKS_AT_UPPER : PKS_AT_NONE;
        bool single = level == leaf ? c->v[PKS_AXIS_us] == PKS_US_LEAF : level == us_level(c);

        e.user = c->v[PKS_AXIS_us] != PKS_US_ALL && !single;
        e.writable = here == PKS_AT_NONE || c->v[PKS_AXIS_rw] != here;
        e.xd = here != PKS_AT_NONE && c->v[PKS_AXIS_xd] == here;
        e.key = level == leaf ? key : c->v[PKS_AXIS_upkeys] ? key ^ X86_PTE_PKEY_MASK : 0;
        *(level == leaf ? &l->leaf : &l->upper[level]) = e;
    }
}

/* A register in which one key has its rights and all others are open or denied; `spared` stays open. */
static uint32_t rights_register(const struct pks_case *c, uint32_t rights, uint32_t spared)
{
    uint32_t others = c->v[PKS_AXIS_others] ? ~0u : 0;

    return pkr_set(others & ~spared, c->v[PKS_AXIS_key], rights);
}

void pks_case_state(const struct pks_case *c, struct pks_state *s)
{
    memset(s, 0, sizeof(*s));
    s->nxe = true;
    s->wp = c->v[PKS_AXIS_wp];
    s->smep = c->v[PKS_AXIS_smep];
    s->smap = c->v[PKS_AXIS_smap];
    s->ac = c->v[PKS_AXIS_ac];
    s->pke = c->v[PKS_AXIS_pke];
    s->pks = c->v[PKS_AXIS_pks];
    s->pkrs = rights_register(c, c->v[PKS_AXIS_rights], PKR_MASK(pks_case_kernel_key(c)));
    /* Where PKRU is not in force every key gets the rights, so that it need not be written for each key. */
    s->pkru = s->pke ? rights_register(c, c->v[PKS_AXIS_pkru], 0) : c->v[PKS_AXIS_pkru] * EVERY_KEY;
    put_layout(c, &s->layout);
}

void pks_case_fill_state(const struct pks_case *c, struct pks_state *s)
{
    unsigned key = c->v[PKS_AXIS_key];

    pks_case_state(c, s);
    if (c->v[PKS_AXIS_tlb] == PKS_TLB_WP)
        s->wp = !s->wp;
    if (c->v[PKS_AXIS_tlb] == PKS_TLB_RIGHTS) { /* denied in part or whole: open; open: denied */
        s->pkrs = pkr_set(s->pkrs, key, pkr_get(s->pkrs, key) ? 0 : BOTH);
        if (s->pke) /* otherwise PKRU can only be written together with CR4, and that flushes */
            s->pkru = pkr_set(s->pkru, key, pkr_get(s->pkru, key) ? 0 : BOTH);
    }
}

struct pks_access pks_case_access(const struct pks_case *c)
{
    unsigned kind = c->v[PKS_AXIS_kind];
    struct pks_access a = {.cpl = c->v[PKS_AXIS_cpl], .locked = kind == PKS_KIND_LOCKED8};

    if (kind < PKS_KIND_WRITE1)
        a.kind = PKS_READ;
    else if (kind < PKS_KIND_RMW8)
        a.kind = PKS_WRITE;
    else
        a.kind = kind == PKS_KIND_FETCH ? PKS_FETCH : PKS_RMW;
    return a;
}
