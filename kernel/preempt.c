#include "preempt.h"

#include "apic.h"
#include "smp.h"
#include "smp_idle.h"
#include "thread.h"

#include <stddef.h>

static uint64_t period_us;
static bool refused;

/* In the handler of the interrupted thread: it goes on from here when its turn comes again. */
static void tick(struct trap_frame *frame)
{
    (void)frame;
    this_cpu()->ticks++;
    thread_yield();
}

static void set_here(void *unused)
{
    (void)unused;
    this_cpu()->ticks = 0;
    if (!apic_timer(period_us))
        __atomic_store_n(&refused, true, __ATOMIC_RELAXED);
}

bool preempt_every(uint64_t us)
{
    period_us = us;
    refused = false;
    if (us)
        apic_set_handler(X86_VEC_TIMER, tick);
    set_here(NULL); /* first: the first timer is what the others are set by */
    if (!refused)
        smp_call_others(set_here, NULL);
    if (!us)
        apic_set_handler(X86_VEC_TIMER, NULL);
    return !refused;
}

uint64_t preempt_count_on(unsigned number)
{
    return __atomic_load_n(&percpu_of(number)->ticks, __ATOMIC_RELAXED);
}

uint64_t preempt_count(void)
{
    uint64_t count = 0;

    for (unsigned i = 0; i < smp_active(); i++)
        count += preempt_count_on(i);
    return count;
}
