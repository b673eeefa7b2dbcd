#include "spin.h"

#include "cpu.h"
#include "smp_call.h"

uint64_t spin_lock(struct spin *lock)
{
    uint64_t flags = irq_save();

    while (!spin_try(lock)) {
        smp_answer();
        spin_pause();
    }
    return flags;
}

void spin_unlock(struct spin *lock, uint64_t flags)
{
    spin_release(lock);
    irq_restore(flags);
}
