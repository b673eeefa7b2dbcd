#pragma once
/* Mutual exclusion between processors. */

#include <stdbool.h>
#include <stdint.h>

struct spin {
    uint32_t held;
};

/*
 * Takes the lock with interrupts off; returns the flags from before. While it waits it answers the calls of
 * other processors, because the one that holds the lock may be waiting for such an answer. Context: not an
 * NMI or #MC, not while this processor has the lock.
 */
uint64_t spin_lock(struct spin *lock);

static inline bool spin_try(struct spin *lock)
{
    return !__atomic_exchange_n(&lock->held, 1, __ATOMIC_ACQUIRE);
}

/* Gives it back, with interrupts still off; and with the flags of spin_lock(). */
static inline void spin_release(struct spin *lock)
{
    __atomic_store_n(&lock->held, 0, __ATOMIC_RELEASE);
}

void spin_unlock(struct spin *lock, uint64_t flags);

static inline void spin_pause(void)
{
    __asm__ volatile("pause" : : : "memory");
}
