/* Round robin over the thread slots; a thread's queue is its `cpu`. */

#include "schedule.h"

#include "exit.h"
#include "pks/pks.h"
#include "smp.h"
#include "smp_call.h"
#include "time.h"

#include <stddef.h>

struct spin threads_lock;

void thread_switch(uint64_t *old_rsp, uint64_t next_rsp, struct thread *next, uint32_t next_pkrs);

static bool ready(struct thread *thread)
{
    if (thread->state == THREAD_SLEEPS && time_us() >= thread->wake_us)
        thread->state = THREAD_READY;
    return thread->state == THREAD_READY;
}

/* The next in turn behind the current thread, itself last, that this processor may run: of its own queue, or
 * of the others. */
static struct thread *pick_from(unsigned here, bool own)
{
    struct thread *self = thread_current;
    unsigned start = self == this_cpu()->idle && here ? 0 : (unsigned)(self - threads);

    for (unsigned i = 1; i <= thread_slots; i++) {
        struct thread *thread = &threads[(start + i) % thread_slots];

        if (thread->cpu == here ? !own : own || thread->pinned)
            continue;
        if ((!thread->running || (own && thread == self)) && ready(thread))
            return thread;
    }
    return NULL;
}

/* True if somebody may become ready without this processor's help. */
static bool hope(void)
{
    for (unsigned i = 0; i < thread_slots; i++)
        if (threads[i].state == THREAD_SLEEPS ||
            (threads[i].state == THREAD_READY && &threads[i] != thread_current))
            return true;
    return false;
}

/* Whoever is to have this processor; the idle thread, on processors that have one, if nobody is. */
static struct thread *pick(void)
{
    unsigned here = cpu_number();

    for (;;) {
        struct thread *next = pick_from(here, true);

        if (!next)
            next = pick_from(here, false);
        if (next)
            return next;
        if (here)
            return this_cpu()->idle;
        if (!hope())
            refuse("thread: every thread waits for another one");
        spin_release(&threads_lock);
        smp_answer();
        spin_pause();
        spin_lock(&threads_lock);
    }
}

static void require_own_stack(void)
{
    uint64_t here = (uintptr_t)__builtin_frame_address(0);
    const struct stack *stack = thread_current->stack;

    if (here < (uintptr_t)stack->body || here >= stack_end(stack))
        refuse("thread: %s gives up the processor on a stack that is not its own", thread_current->name);
}

void schedule(void)
{
    struct thread *old = thread_current;
    struct thread *next = pick();

    if (old->state <= THREAD_WAITS) /* whoever has ended may do so on any stack */
        require_own_stack();
    if (next == old)
        return;
    next->switches++;
    next->migrations += next->cpu != cpu_number();
    next->cpu = cpu_number();
    old->running = false;
    next->running = true;
    old->pkrs = pks_copy;
    thread_switch(&old->rsp, next->rsp, next, next->pkrs);
}

bool schedule_idle(void)
{
    bool sleeper = false;

    spin_lock(&threads_lock);
    schedule();
    for (unsigned i = 0; i < thread_slots; i++)
        sleeper |= threads[i].state == THREAD_SLEEPS && threads[i].cpu == cpu_number();
    spin_release(&threads_lock);
    return sleeper;
}

void schedule_wake(struct thread *thread)
{
    thread->state = THREAD_READY;
    if (thread->cpu != cpu_number())
        smp_kick(thread->cpu);
    for (unsigned i = 1; i < smp_count() && !thread->pinned; i++)
        if (i != thread->cpu && percpu_of(i)->thread == percpu_of(i)->idle) {
            smp_kick(i); /* its own processor may be busy */
            return;
        }
}
