/*
 * A cached translation holds the key, not the rights: PKRS is consulted at each access, so writing it needs
 * no invalidation, whatever is cached, global or not, under whichever PCID (SDM volume 3, "Protection Keys",
 * "Details of TLB Use", "Global Pages", "Process-Context Identifiers (PCIDs)"; "Operations that Invalidate
 * TLBs and Paging-Structure Caches" names no write of PKRS). Each row fills the translation in one way,
 * writes PKRS once, and accesses again.
 */
#include "change.h"

static const struct change_row deny[] = {
    /* about            rw    before after    warm          warmed      then          want */
    {"open to AD", true, OPEN, AD, ACCESS_READ, FAULT_NONE, ACCESS_READ, PF_READ},
    {"open to AD", true, OPEN, AD, ACCESS_WRITE, FAULT_NONE, ACCESS_READ, PF_READ},
    {"open to AD", true, OPEN, AD, ACCESS_READ, FAULT_NONE, ACCESS_WRITE, PF_WRITE},
    {"open to AD", true, OPEN, AD, ACCESS_WRITE, FAULT_NONE, ACCESS_WRITE, PF_WRITE},
    {"open to AD", true, OPEN, AD, ACCESS_FETCH, FAULT_NONE, ACCESS_FETCH, FAULT_NONE},
    {"open to WD", true, OPEN, WD, ACCESS_WRITE, FAULT_NONE, ACCESS_WRITE, PF_WRITE},
    {"open to WD", true, OPEN, WD, ACCESS_WRITE, FAULT_NONE, ACCESS_READ, FAULT_NONE},
    {"open to AD WD", true, OPEN, AD | WD, ACCESS_WRITE, FAULT_NONE, ACCESS_READ, PF_READ},
    {"WD to AD", true, WD, AD, ACCESS_READ, FAULT_NONE, ACCESS_READ, PF_READ},
    {"WD to AD", true, WD, AD, ACCESS_READ, FAULT_NONE, ACCESS_WRITE, PF_WRITE},
};

static const struct change_row allow[] = {
    {"AD to open", true, AD, OPEN, ACCESS_FETCH, FAULT_NONE, ACCESS_READ, FAULT_NONE},
    {"AD to open", true, AD, OPEN, ACCESS_FETCH, FAULT_NONE, ACCESS_WRITE, FAULT_NONE},
    {"AD to open", true, AD, OPEN, ACCESS_READ, PF_READ, ACCESS_READ, FAULT_NONE},
    {"AD to open", true, AD, OPEN, ACCESS_WRITE, PF_WRITE, ACCESS_WRITE, FAULT_NONE},
    {"AD WD to open", true, AD | WD, OPEN, ACCESS_FETCH, FAULT_NONE, ACCESS_WRITE, FAULT_NONE},
    {"AD to WD", true, AD, WD, ACCESS_FETCH, FAULT_NONE, ACCESS_READ, FAULT_NONE},
    {"AD to WD", true, AD, WD, ACCESS_FETCH, FAULT_NONE, ACCESS_WRITE, PF_WRITE},
    {"WD to open", true, WD, OPEN, ACCESS_READ, FAULT_NONE, ACCESS_WRITE, FAULT_NONE},
    {"WD to open", true, WD, OPEN, ACCESS_WRITE, PF_WRITE, ACCESS_WRITE, FAULT_NONE},
};

CHANGE_TESTS(tlb_pkrs_deny, "A PKRS write that takes a right away acts", deny, CHANGE_PKRS)
CHANGE_TESTS(tlb_pkrs_allow, "A PKRS write that gives a right acts", allow, CHANGE_PKRS)
