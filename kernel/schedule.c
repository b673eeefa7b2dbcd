/* Round robin over the thread slots; a thread's queue is its `cpu`. */

#include "schedule.h"

#include "exit.h"
#include "pks/pks.h"
#include "smp.h"
#include "smp_call.h"
#include "smp_idle.h"
#include "time.h"

#include <stddef.h>

/* Functions that stay apart whatever the compiler thinks, so that schedule() is the way that every switch
 * takes and no more: event_sweep_switch stops at each of its instructions. */
#define OFF_THE_WAY __attribute__((noinline))

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
static OFF_THE_WAY struct thread *pick_from(unsigned here, bool own)
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

/* Whoever is to have this processor: the thread that is always there if nobody else can use it, or if the
 * processors are being parked. */
static struct thread *pick(void)
{
    unsigned here = cpu_number();
    struct thread *next = NULL;

    if (here < smp_active()) {
        next = pick_from(here, true);
        if (!next)
            next = pick_from(here, false);
    }
    return next ? next : this_cpu()->idle;
}

/* True if one of the threads from a number on is ready, or will be by itself. With or without the lock. */
static bool anybody(unsigned from)
{
    unsigned slots = __atomic_load_n(&thread_slots, __ATOMIC_ACQUIRE);

    for (unsigned i = from; i < slots; i++) {
        enum thread_state state = __atomic_load_n(&threads[i].state, __ATOMIC_ACQUIRE);

        if (state == THREAD_READY || state == THREAD_SLEEPS)
            return true;
    }
    return false;
}

/* In the thread that is always there, and that cannot go on either. */
static OFF_THE_WAY void wait(void)
{
    if (!cpu_number() && !anybody(0))
        refuse("thread: every thread waits for another one");
    spin_release(&threads_lock);
    smp_answer();
    spin_pause();
    spin_lock(&threads_lock);
}

static void require_own_stack(void)
{
    uint64_t here = (uintptr_t)__builtin_frame_address(0);
    const struct stack *stack = thread_current->stack;

    if (here < (uintptr_t)stack->body || here >= stack_end(stack))
        refuse("thread: %s gives up the processor on a stack that is not its own", thread_current->name);
}

/* A kick is lost on a processor that has a job. */
static bool unused(const struct percpu *there)
{
    return there->thread == there->idle && !__atomic_load_n(&there->job, __ATOMIC_RELAXED) &&
           (there->number || there->idle->state != THREAD_READY);
}

/* Makes a processor that has nothing to do look for somebody who waits for a busy one. */
static void kick_unused(unsigned busy)
{
    for (unsigned i = 1; i < smp_active(); i++)
        if (i != busy && unused(percpu_of(i))) {
            smp_kick(i);
            return;
        }
}

/* Whoever leaves the idle thread has been kicked, perhaps for several threads at once: the next one is for
 * somebody else. */
static OFF_THE_WAY void pass_on(const struct thread *taken)
{
    for (unsigned i = 1; i < thread_slots; i++)
        if (!threads[i].pinned && !threads[i].running && &threads[i] != taken && ready(&threads[i])) {
            kick_unused(cpu_number());
            return;
        }
}

static void give_to(struct thread *next)
{
    struct thread *old = thread_current;

    if (old == this_cpu()->idle && smp_active() > 1)
        pass_on(next);
    next->switches++;
    next->migrations += next->cpu != cpu_number();
    next->cpu = cpu_number();
    old->running = false;
    next->running = true;
    old->pkrs = pks_copy;
    thread_switch(&old->rsp, next->rsp, next, next->pkrs);
}

void schedule(void)
{
    struct thread *self = thread_current;

    if (self->state <= THREAD_WAITS) /* whoever has ended may do so on any stack */
        require_own_stack();
    for (;;) {
        struct thread *next = pick();

        if (next != self)
            give_to(next);
        if (ready(self))
            return;
        if (next == self)
            wait();
    }
}

bool schedule_idle(void)
{
    bool sleeper = false;

    /* Asked without the lock, so that idle processors do not wait for it in a row: whoever makes a thread
     * ready kicks afterwards. */
    if (!anybody(1))
        return false;
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
    if (!thread->pinned && !unused(percpu_of(thread->cpu)))
        kick_unused(thread->cpu);
}
