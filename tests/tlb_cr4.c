/*
 * CR4.PKS and CR4.PKE decide at each access whether the rights of a key are looked at: a cached translation
 * holds the key whatever they were when it was filled, and a MOV to CR4 that changes only these bits
 * invalidates nothing (SDM volume 3, "Details of TLB Use"; of CR4, "Operations that Invalidate TLBs and
 * Paging-Structure Caches" names PGE, PCIDE, PAE and SMEP). This is open point A2: it follows from the
 * manual, so it may fail, and it has ids of its own. The rows are the same for both bits: PKRS decides for a
 * supervisor page, PKRU for a user page, which the kernel reads, writes and calls with SMAP and SMEP off.
 */
#include "change.h"

static const struct change_row set[] = {
    /* about   rw    before after warm          warmed      then          want */
    {"AD", true, AD, AD, ACCESS_READ, FAULT_NONE, ACCESS_READ, PF_READ},
    {"AD", true, AD, AD, ACCESS_WRITE, FAULT_NONE, ACCESS_READ, PF_READ},
    {"AD", true, AD, AD, ACCESS_READ, FAULT_NONE, ACCESS_WRITE, PF_WRITE},
    {"AD", true, AD, AD, ACCESS_WRITE, FAULT_NONE, ACCESS_WRITE, PF_WRITE},
    {"WD", true, WD, WD, ACCESS_WRITE, FAULT_NONE, ACCESS_WRITE, PF_WRITE},
    {"WD", true, WD, WD, ACCESS_WRITE, FAULT_NONE, ACCESS_READ, FAULT_NONE},
    {"open", true, OPEN, OPEN, ACCESS_WRITE, FAULT_NONE, ACCESS_WRITE, FAULT_NONE},
};

static const struct change_row clear[] = {
    {"AD", true, AD, AD, ACCESS_FETCH, FAULT_NONE, ACCESS_READ, FAULT_NONE},
    {"AD", true, AD, AD, ACCESS_FETCH, FAULT_NONE, ACCESS_WRITE, FAULT_NONE},
    {"AD", true, AD, AD, ACCESS_READ, PF_READ, ACCESS_READ, FAULT_NONE},
    {"AD", true, AD, AD, ACCESS_WRITE, PF_WRITE, ACCESS_WRITE, FAULT_NONE},
    {"WD", true, WD, WD, ACCESS_READ, FAULT_NONE, ACCESS_WRITE, FAULT_NONE},
    {"WD", true, WD, WD, ACCESS_WRITE, PF_WRITE, ACCESS_WRITE, FAULT_NONE},
};

CHANGE_TESTS(tlb_cr4_pks_set, "Setting CR4.PKS acts", set, CHANGE_PKS_SET)
CHANGE_TESTS(tlb_cr4_pks_clear, "Clearing CR4.PKS acts", clear, CHANGE_PKS_CLEAR)
CHANGE_TESTS(tlb_cr4_pke_set, "Setting CR4.PKE acts", set, CHANGE_PKE_SET)
CHANGE_TESTS(tlb_cr4_pke_clear, "Clearing CR4.PKE acts", clear, CHANGE_PKE_CLEAR)
