#include "spin.h"

#include "cpu.h"
#include "exit.h"
#include "smp_call.h"

uint64_t spin_lock(struct spin *lock)
{
    uint64_t flags = irq_save();

    while (!spin_try(lock)) {
        if (spin_held(lock))
            refuse("spin: processor %u waits for a lock that it has", cpu_number());
        smp_answer();
        spin_pause();
    }
    return flags;
}

bool spin_enter(struct spin *lock)
{
    while (!spin_try(lock)) {
        if (spin_held(lock))
            return false;
        spin_pause();
    }
    return true;
}

void spin_unlock(struct spin *lock, uint64_t flags)
{
    spin_release(lock);
    irq_restore(flags);
}
