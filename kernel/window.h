#pragma once
/* The test windows: address ranges that belong to the tests, in both canonical halves and in both paging
 * modes, with top-level entries of their own, so that a test may change every level of its walk. */

#include "paging.h"

enum window_half { WINDOW_LOW, WINDOW_HIGH, WINDOW_HALVES };

/* Each half has this many windows, each with a top-level entry of its own, and in each window slots of 1 GiB.
 */
#define WINDOWS      12
#define WINDOW_SLOTS 64

/* The address of a slot in the current paging mode; under 5-level paging it needs all five levels. */
uint64_t window_address_in(enum window_half half, unsigned window, unsigned slot);

/* The same in the first window. */
static inline uint64_t window_address(enum window_half half, unsigned slot)
{
    return window_address_in(half, 0, slot);
}

const char *window_half_name(enum window_half half);

/* Unmaps whatever is mapped in any window of the current space. */
void window_clear(void);

/*
 * A space for one processor alone: the kernel's part is the current space's, down from the second level the
 * very same tables, so that what becomes of the kernel's pages holds here too; the windows are its own, and
 * empty. False when no frame is left. To be freed when no processor uses it any more; nothing happens where
 * there is none.
 */
bool window_space_make(struct space *space);
void window_space_free(struct space *space);
