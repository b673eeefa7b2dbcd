#pragma once
/* An event that the processor cannot push, because the key of the stack denies it. */

#include "keyed.h"

/* What came of one attempt, by vector. */
struct attempt {
    unsigned events, faults, doubles;
    struct trap_frame event, fault, twice;
    bool opens; /* #PF's handler opens the key in the frame, otherwise it skips the instruction */
    struct keyed keyed;
};

extern struct attempt attempt;

/* A page with a key that handlers have open; the test's own rights for it are what denies. Above it stands
 * one that is open to everybody. */
bool attempt_open(const char *name);
void attempt_close(void);

/* The end of that page. */
uint64_t attempt_page_end(void);

/* Runs the instruction at `at` with RSP and the given rights for the key, and checks that registers, flags,
 * the page unless the event has arrived there, and PKRS are as they were. */
void attempt_run(const char *at, uint64_t rsp, enum pks_rights rights);

/* The #PF of the push: error code, CR2, RIP, RSP and rights. */
void attempt_check_fault(const char *at, uint64_t rsp, uint64_t top, enum pks_rights rights);

extern const char event_denied_int[], event_denied_ud[], event_denied_next[];
