#pragma once
/* One access to a target, and the comparison of everything that can be seen of it. */

#include "target.h"

enum access { ACCESS_READ, ACCESS_WRITE, ACCESS_FETCH };

/*
 * Sets the machine whole, makes one access of `bytes` (1, 2, 4, 8; a fetch executes a RET), goes back to the
 * normal machine, and compares: vector and error code, that there was no second fault, RIP, CR2, the PKRS
 * value in the frame, the data read or written or left alone, the A and D flags (D never set by a denied
 * write). `about` is a word for the line of a failure. The leaf's A and D flags are clear and nothing is
 * cached before.
 */
void check_access(const struct target *target, struct machine machine, enum access access, unsigned bytes,
                  fault_t want, const char *about);

/* One access as it happened: memory and the leaf entry before and behind it. */
struct access_seen {
    struct outcome outcome;
    uint64_t memory_before, memory_after;
    uint64_t leaf_before, leaf_after;
};

/*
 * The two halves of check_access(), for tests that arrange machine, memory and translations themselves: makes
 * the access in the machine as it is (a write turns every bit of the old value over), and compares later. An
 * allowed access sets A, an allowed write sets D; a denied one leaves D as it was.
 */
struct access_seen access_make(const struct target *target, enum access access, unsigned bytes);
void access_compare(const struct target *target, struct machine machine, enum access access, unsigned bytes,
                    fault_t want, const char *about, const struct access_seen *seen);

/* The value that access_make() can read, turn over and, in its first byte, execute (a RET). */
#define ACCESS_PATTERN 0x11223344556677c3u
