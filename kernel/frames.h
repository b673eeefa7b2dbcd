#pragma once
/* Page frames: who owns which 4 KiB of physical memory. Every frame handed out is identity-mapped. */

#include "memmap.h"

#include <stdbool.h>
#include <stdint.h>

/* Takes ownership of a pool (lib/pool.h); the rest of memory is never touched. */
void frames_init(const struct memmap *near);

/* The pool as it was given to frames_init(), for whoever maps it. */
const struct memmap *frames_pool(void);

/* One frame filled with zeros: its physical address, or 0 when none is left. */
uint64_t frame_alloc(void);

/* Gives back a frame of frame_alloc(). */
void frame_free(uint64_t frame);

/* `size` contiguous bytes aligned to `size` (a power of two, at least a page), not zeroed; 0 when there is no
 * such run. */
uint64_t frame_run_alloc(uint64_t size);

/* The same with every byte inside `within`. */
uint64_t frame_run_alloc_in(struct mem_range within, uint64_t size);

/* True if the address lies in the pool. */
bool frame_owned(uint64_t physical);

/* Frames that are free now. */
uint64_t frames_free(void);

static inline void *frame_pointer(uint64_t physical)
{
    return (void *)(uintptr_t)physical;
}
