#pragma once
/* The block of words for an exception that nobody planned. */

#include "trap.h"

/*
 * Prints what is wrong beyond the exception itself (`why`, NULL for nothing), and everything the frame and
 * the processor say: vector, error code, registers, control registers, PKRS by key, the walk of CR2, the
 * bytes at RIP, a backtrace. An exception while doing so ends the run.
 */
void panic_report(const struct trap_frame *frame, const char *why);

/* What of that is about the interrupted context, without the exception: where the processor stands. */
void panic_frame(const struct trap_frame *frame, const char *why);
