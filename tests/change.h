#pragma once
/* One change of one register while a translation is cached: what is allowed must follow at once. */

#include "tlb.h"

/* The register that changes; the page's key has its rights in PKRS, for PKE in PKRU (on a user page). */
enum change {
    CHANGE_PKRS,
    CHANGE_WP_SET,
    CHANGE_WP_CLEAR,
    CHANGE_PKS_SET,
    CHANGE_PKS_CLEAR,
    CHANGE_PKE_SET,
    CHANGE_PKE_CLEAR,
};

/*
 * `warm` is the access that fills the translation, with the fault it has to end in: a read or a write that is
 * allowed; a fetch, which no key denies; or a denied access, so that a machine that caches denials shows.
 * Then one instruction makes the change; then comes the access in question.
 */
struct change_row {
    const char *about;
    bool writable;          /* R/W of the page */
    uint32_t before, after; /* rights of the page's key; they differ for CHANGE_PKRS only */
    enum access warm;
    fault_t warmed;
    enum access then;
    fault_t want;
};

/* Where the change is made, and which translations outlive it. */
enum change_way {
    CHANGE_HERE,      /* in place */
    CHANGE_GLOBAL,    /* in place, with CR4.PGE set and the page global */
    CHANGE_PCID_KEEP, /* in another space, global pages and others; both CR3 loads keep what is cached */
    CHANGE_PCID_LOAD, /* the same with CR3 loads that keep global translations only */
};

/* Tries each row on a page of each size in each half. Skips the test where the processor lacks what it needs.
 */
void check_changes(const struct change_row *rows, unsigned count, enum change change, enum change_way way);

/* A table of rows as four tests, one for each way; the sentence ends in what acts. */
#define CHANGE_TEST(id, sentence, rows, change, way)                                                         \
    TEST(id, sentence)                                                                                       \
    {                                                                                                        \
        check_changes(rows, sizeof(rows) / sizeof((rows)[0]), change, way);                                  \
    }
#define CHANGE_TESTS(id, sentence, rows, change)                                                             \
    CHANGE_TEST(id, sentence " at once", rows, change, CHANGE_HERE)                                          \
    CHANGE_TEST(id##_global, sentence " at once on global pages", rows, change, CHANGE_GLOBAL)               \
    CHANGE_TEST(id##_pcid_keep, sentence " across CR3 loads that keep the PCID's translations", rows,        \
                change, CHANGE_PCID_KEEP)                                                                    \
    CHANGE_TEST(id##_pcid_load, sentence " across CR3 loads that keep only global translations", rows,       \
                change, CHANGE_PCID_LOAD)
