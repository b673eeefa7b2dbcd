/*
 * CR0.WP is consulted at each access like PKRS: it decides whether WD, and whether R/W=0, deny supervisor
 * writes, and a change of it needs no invalidation (SDM volume 3, "Determination of Access Rights",
 * "Protection Keys"; of CR0, "Operations that Invalidate TLBs and Paging-Structure Caches" names PG alone).
 * AD and an open key are the rows in which WP must not matter. Pages with R/W=0 have ids of their own: a
 * write to one sets D like any other while WP=0, which a machine with shadow stacks (pages with R/W=0 and
 * D=1) may get wrong ("Accessed and Dirty Flags": on processors with CET, D is never set there as long as
 * WP=1).
 */
#include "change.h"

#define PF_READ_ONLY FAULT_PF(X86_PF_W | X86_PF_P)

static const struct change_row set[] = {
    /* about rw   before after warm          warmed      then          want */
    {"WD", true, WD, WD, ACCESS_WRITE, FAULT_NONE, ACCESS_WRITE, PF_WRITE},
    {"WD", true, WD, WD, ACCESS_READ, FAULT_NONE, ACCESS_WRITE, PF_WRITE},
    {"WD", true, WD, WD, ACCESS_WRITE, FAULT_NONE, ACCESS_READ, FAULT_NONE},
    {"open", true, OPEN, OPEN, ACCESS_WRITE, FAULT_NONE, ACCESS_WRITE, FAULT_NONE},
    {"AD", true, AD, AD, ACCESS_FETCH, FAULT_NONE, ACCESS_READ, PF_READ},
    {"AD", true, AD, AD, ACCESS_WRITE, PF_WRITE, ACCESS_WRITE, PF_WRITE},
};

static const struct change_row clear[] = {
    {"WD", true, WD, WD, ACCESS_READ, FAULT_NONE, ACCESS_WRITE, FAULT_NONE},
    {"WD", true, WD, WD, ACCESS_WRITE, PF_WRITE, ACCESS_WRITE, FAULT_NONE},
    {"AD", true, AD, AD, ACCESS_FETCH, FAULT_NONE, ACCESS_READ, PF_READ},
    {"AD", true, AD, AD, ACCESS_WRITE, PF_WRITE, ACCESS_WRITE, PF_WRITE},
};

static const struct change_row set_read_only[] = {
    {"WD and R/W=0", false, WD, WD, ACCESS_WRITE, FAULT_NONE, ACCESS_WRITE, PF_WRITE},
    {"WD and R/W=0", false, WD, WD, ACCESS_READ, FAULT_NONE, ACCESS_WRITE, PF_WRITE},
    {"open and R/W=0", false, OPEN, OPEN, ACCESS_WRITE, FAULT_NONE, ACCESS_WRITE, PF_READ_ONLY},
    {"open and R/W=0", false, OPEN, OPEN, ACCESS_WRITE, FAULT_NONE, ACCESS_READ, FAULT_NONE},
};

static const struct change_row clear_read_only[] = {
    {"WD and R/W=0", false, WD, WD, ACCESS_READ, FAULT_NONE, ACCESS_WRITE, FAULT_NONE},
    {"WD and R/W=0", false, WD, WD, ACCESS_WRITE, PF_WRITE, ACCESS_WRITE, FAULT_NONE},
    {"open and R/W=0", false, OPEN, OPEN, ACCESS_READ, FAULT_NONE, ACCESS_WRITE, FAULT_NONE},
    {"open and R/W=0", false, OPEN, OPEN, ACCESS_WRITE, PF_READ_ONLY, ACCESS_WRITE, FAULT_NONE},
};

CHANGE_TESTS(tlb_wp_set, "Setting CR0.WP acts", set, CHANGE_WP_SET)
CHANGE_TESTS(tlb_wp_clear, "Clearing CR0.WP acts", clear, CHANGE_WP_CLEAR)
CHANGE_TESTS(tlb_wp_set_read_only, "Setting CR0.WP acts on R/W=0", set_read_only, CHANGE_WP_SET)
CHANGE_TESTS(tlb_wp_clear_read_only, "Clearing CR0.WP acts on R/W=0", clear_read_only, CHANGE_WP_CLEAR)
