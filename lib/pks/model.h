#pragma once
/*
 * The oracle: what the architecture says about one access to one linear address. Values in, values out; it
 * never looks at a machine. Each of its conditions is a rule of rules.def. Source: Intel SDM volume 3,
 * "Paging" (edition pinned in README.md). 4- and 5-level paging only: the other modes have no protection
 * keys.
 */

#include "fault.h"

/* A level is the number of tables still below an entry plus one; entries of the first three can map a page.
 */
enum pks_level { PKS_PTE = 1, PKS_PDE, PKS_PDPTE, PKS_PML4E, PKS_PML5E };

/* One paging-structure entry. `reserved`: a bit is set that is reserved at its level; XD with NXE=0 is apart.
 */
struct pks_entry {
    bool present, writable, user, xd, reserved;
    uint8_t key; /* bits 62:59; below X86_PKEYS */
};

/* The entries of one walk: upper[levels] first, down to upper[leaf_level + 1], then the leaf. */
struct pks_layout {
    uint8_t levels;     /* 4 or 5 */
    uint8_t leaf_level; /* PKS_PTE for a 4 KiB page, PKS_PDE for 2 MiB, PKS_PDPTE for 1 GiB */
    struct pks_entry leaf;
    struct pks_entry upper[PKS_PML5E + 1];
};

/* Everything that decides, apart from the access itself. */
struct pks_state {
    bool wp, nxe, smep, smap, ac, pke, pks; /* CR0.WP, EFER.NXE, CR4, EFLAGS.AC */
    uint32_t pkru, pkrs;
    struct pks_layout layout;
    /* What the translation lookaside buffer may still hold; all zero where nothing changed without a flush.
     */
    bool cr4_stale;  /* cached while CR4.PKS and CR4.PKE were the opposite of now */
    bool key_stale;  /* cached while the leaf's key was old_key; no INVLPG since */
    uint8_t old_key; /* below X86_PKEYS */
};

enum pks_kind {
    PKS_READ,
    PKS_WRITE,
    PKS_RMW, /* a read-modify-write of one instruction */
    PKS_FETCH,
    PKS_FLUSH, /* CLFLUSH, CLFLUSHOPT, CLWB */
};

struct pks_access {
    enum pks_kind kind;
    uint8_t cpl;   /* 0 to 3 */
    bool implicit; /* to a descriptor table or TSS; PKS_READ, PKS_WRITE or PKS_RMW only */
    bool locked;   /* PKS_RMW only */
};

/* What stands between an access and a page that is mapped; several may deny at once. */
enum pks_reason {
    PKS_REASON_US = 0x01,
    PKS_REASON_RW = 0x02,
    PKS_REASON_XD = 0x04,
    PKS_REASON_SMEP = 0x08,
    PKS_REASON_SMAP = 0x10,
    PKS_REASON_KEY = 0x20,
};

/* The points on which the manual leaves a choice or is read in two ways (README.md). */
enum pks_open {
    PKS_OPEN_A1 = 0x01, /* PK of a user-mode access to a supervisor-mode address whose key denies */
    PKS_OPEN_A2 = 0x02, /* would differ if CR4.PKS and CR4.PKE did not act at once; a rule, no choice */
    PKS_OPEN_A3 = 0x04, /* W/R of an unlocked read-modify-write whose read is denied */
    PKS_OPEN_A4 = 0x08, /* the leaf's accessed flag after a fault with PK; the fault itself is exact */
    PKS_OPEN_A5 = 0x10, /* whether cache-line instructions ask the key */
    PKS_OPEN_A6 = 0x20, /* the old or the new key of a leaf changed without INVLPG */
};

#define PKS_ALSO_MAX 4 /* outcomes of one access: no fault, or one that differs in W/R and PK only */

struct pks_answer {
    fault_t fault;              /* FAULT_NONE or FAULT_PF(code): the preferred reading */
    fault_t also[PKS_ALSO_MAX]; /* the other legal outcomes, distinct from each other and from `fault` */
    uint8_t also_count;
    uint8_t open;    /* enum pks_open: the points that touch this answer */
    uint8_t reasons; /* enum pks_reason, under the preferred reading; 0 where there is no translation */
};

enum pks_walk_end { PKS_WALK_COMPLETE, PKS_WALK_ABSENT, PKS_WALK_RESERVED };

/* A walk in short; it stays the same until an entry or EFER.NXE changes. */
struct pks_walk {
    enum pks_walk_end end;
    bool user, writable, xd; /* of the address, over all entries; meaningless unless the walk is complete */
    uint8_t key;
};

struct pks_walk pks_walk_summary(const struct pks_layout *layout, bool nxe);

/* The answer for an access, given the summary of state->layout: cheap enough to be asked for every case. */
struct pks_answer pks_judge(const struct pks_state *state, const struct pks_walk *walk,
                            const struct pks_access *access);

/* Both in one. */
static inline struct pks_answer pks_predict(const struct pks_state *state, const struct pks_access *access)
{
    struct pks_walk walk = pks_walk_summary(&state->layout, state->nxe);

    return pks_judge(state, &walk, access);
}

/* True if the outcome is the preferred one or one of the other legal ones. */
static inline bool pks_allows(const struct pks_answer *answer, fault_t outcome)
{
    for (unsigned i = 0; i < answer->also_count; i++)
        if (answer->also[i] == outcome)
            return true;
    return answer->fault == outcome;
}
