#pragma once
/* A second address space and two PCIDs, for tests of what a CR3 load keeps. */

#include "test.h"

enum pcid { PCID_NONE, PCID_HOME, PCID_OTHER }; /* 0 is the PCID of everything outside these tests */

/* Copies the top table of the current space: whatever is mapped then, both spaces share. */
const struct space *pcid_second_space(void);

/*
 * Makes the second space, sets CR4.PCIDE, drops whatever the two PCIDs have cached, and loads the current
 * space as PCID_HOME.
 */
void pcid_begin(void);

/* The space of PCID_OTHER, between pcid_begin() and pcid_end(). */
const struct space *pcid_other_space(void);

/* Loads CR3 with the space of PCID_HOME or PCID_OTHER; `keep` sets bit 63: its translations stay valid. */
void pcid_load(enum pcid pcid, bool keep);

/* The current space under PCID 0 and CR4.PCIDE clear again, which drops every translation of every PCID. */
void pcid_end(void);
