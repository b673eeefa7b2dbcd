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
