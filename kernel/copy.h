#pragma once
/* A copy that survives faults. */

#include "trap.h"

#include <stdbool.h>
#include <stddef.h>

/* Copies size bytes upwards; returns how many were *not* copied because an access to the first of them
 * faulted: 0 when all were. The areas must not overlap. Context: any with a valid stack. */
size_t copy_checked(void *to, const void *from, size_t size);

/* For the trap path: if the frame is a fault of the copy's own accesses, makes it return. */
bool copy_take(struct trap_frame *frame);
