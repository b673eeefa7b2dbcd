#pragma once
/* Calls that can be abandoned from a trap: the way out of a test that broke and of code at CPL 3. */

#include "trap.h"

/* A call in progress; rsp is 0 when there is none. */
struct escape {
    uint64_t rsp;
};

/* Calls fn(argument). False if it returned, true if a trap abandoned it with escape_from(). */
bool escape_call(struct escape *escape, void (*fn)(void *), void *argument);

/*
 * Makes the frame resume behind the escape_call() in progress, at CPL 0 with interrupts off and the rights in
 * frame->pkrs. Returns false and changes nothing when none is in progress.
 */
bool escape_from(struct trap_frame *frame, struct escape *escape);
