#pragma once
/* Starting processors: INIT, then start-up IPIs. Source: Intel SDM volume 3, "MP Initialization Protocol
 * Algorithm for MP Systems". */

#include "boot_info.h"
#include "percpu.h"

/* struct percpu's `start`. A processor becomes online only if it is asked for: one that comes while it is
 * about to be reset again would be lost. */
enum { START_ASKED, START_ONLINE, START_AGAIN /* or given up */ };

/* True once a processor has reached its idle loop. */
static inline bool smp_online(const struct percpu *block)
{
    return __atomic_load_n(&block->start, __ATOMIC_ACQUIRE) == START_ONLINE;
}

/* Copies the code that they start with to a page of usable memory below 1 MiB. Context: boot, on the first
 * tables. */
void smp_start_prepare(const struct boot_info *boot);

/* The blocks among which each processor finds its own; the list has to stay. */
void smp_start_from(struct percpu **blocks, unsigned count);

/*
 * Resets the processors of these blocks and starts them, all at once, those that do not come up to five
 * times; returns the microseconds until every one is online, or none is waited for any more. smp_online()
 * tells which are.
 */
uint64_t smp_bring_up(struct percpu *const *blocks, unsigned count);
