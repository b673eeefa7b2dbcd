#pragma once
/* Mutual exclusion between processors. */

#include "percpu.h"

#include <stdbool.h>
#include <stdint.h>

struct spin {
    uint32_t holder; /* the number of the processor that has it, plus one; 0: nobody */
};

/*
 * Takes the lock with interrupts off; returns the flags from before. While it waits it answers the calls of
 * other processors, because the one that holds the lock may be waiting for such an answer. A processor that
 * has the lock already would wait for itself: that ends the run with words. Context: not an NMI or #MC.
 */
uint64_t spin_lock(struct spin *lock);

/*
 * The same in any context, with interrupts off already, and without answering: for locks whose holders wait
 * for nothing. False, and nothing is taken, if this processor has it: what it has interrupted cannot go on
 * before the caller does.
 */
bool spin_enter(struct spin *lock);

/* True if this processor has it. */
static inline bool spin_held(const struct spin *lock)
{
    return __atomic_load_n(&lock->holder, __ATOMIC_RELAXED) == cpu_number() + 1;
}

static inline bool spin_try(struct spin *lock)
{
    uint32_t nobody = 0;

    return __atomic_compare_exchange_n(&lock->holder, &nobody, cpu_number() + 1, false, __ATOMIC_ACQUIRE,
                                       __ATOMIC_RELAXED);
}

/* Gives it back, with interrupts still off; and with the flags of spin_lock(). */
static inline void spin_release(struct spin *lock)
{
    __atomic_store_n(&lock->holder, 0, __ATOMIC_RELEASE);
}

void spin_unlock(struct spin *lock, uint64_t flags);

/* For whoever polls memory. QEMU's TCG takes a lock of its own for each PAUSE, which interrupts need too: one
 * for each round would hold up the processor that is waited for. */
static inline void spin_pause(void)
{
    for (unsigned i = 0; i < 200; i++)
        __asm__ volatile("" : : : "memory");
    __asm__ volatile("pause" : : : "memory");
}
