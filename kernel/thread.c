#include "thread.h"

#include "exit.h"
#include "ist.h"
#include "pks/pks.h"
#include "schedule.h"
#include "smp.h"
#include "smp_idle.h"
#include "time.h"

#include <stddef.h>

void thread_entry(void);
_Noreturn void thread_main(void);
extern const char thread_switch_committed[];

struct thread threads[THREADS_MAX + 1] = {
    {.state = THREAD_READY, .name = "main", .stack = &stacks[STACK_NONE], .pinned = true, .running = true},
};
unsigned thread_slots = 1;

/* What a new thread finds on its stack: what thread_switch() pops, and where it returns. */
struct first_frame {
    uint64_t callee_saved[6];
    uint64_t entry;
    uint64_t aligned; /* as behind a CALL */
};

/* One that is parked would never look into its queue. */
static void require_processor(unsigned number)
{
    if (number >= smp_active())
        refuse("thread: processor %u of %u takes no threads now", number, smp_count());
}

struct thread *thread_create_on(const char *name, void (*function)(void *), void *argument, unsigned number,
                                bool pinned)
{
    uint64_t flags = spin_lock(&threads_lock);
    struct thread *thread = NULL;

    require_processor(number);
    for (unsigned i = 1; i <= THREADS_MAX && !thread; i++)
        if (threads[i].state == THREAD_FREE)
            thread = &threads[i];
    if (thread) {
        const struct stack *stack = &thread_stacks[thread - threads - 1];
        struct first_frame *first = (struct first_frame *)(stack_end(stack) - sizeof(*first));

        *first = (struct first_frame){.entry = (uintptr_t)thread_entry};
        *thread = (struct thread){.pkrs = pks_present ? pks_default : 0,
                                  .rsp = (uintptr_t)first,
                                  .name = name,
                                  .function = function,
                                  .argument = argument,
                                  .stack = stack,
                                  .cpu = number,
                                  .pinned = pinned};
        if (thread >= &threads[thread_slots])
            thread_slots = (unsigned)(thread - threads) + 1;
        schedule_wake(thread);
    }
    spin_unlock(&threads_lock, flags);
    return thread;
}

struct thread *thread_create(const char *name, void (*function)(void *), void *argument)
{
    return thread_create_on(name, function, argument, cpu_number(), true);
}

/* The first code of a thread, called by thread_entry with interrupts off and the lock that schedule() took.
 */
_Noreturn void thread_main(void)
{
    spin_release(&threads_lock);
    irq_enable();
    thread_current->function(thread_current->argument);
    thread_exit();
}

static _Noreturn void end_thread(enum thread_state how)
{
    spin_lock(&threads_lock);
    thread_current->state = how;
    thread_current->frames = NULL; /* they may stand on a stack that the next event uses */
    ist_settle();
    if (thread_current->joiner)
        schedule_wake(thread_current->joiner);
    schedule();
    refuse("thread: %s runs on after its end", thread_current->name);
}

/* The context of a processor itself: it has no end. */
static bool unending(void)
{
    return thread_current == this_cpu()->idle;
}

_Noreturn void thread_exit(void)
{
    if (unending())
        refuse("thread: %s of processor %u cannot end", thread_current->name, cpu_number());
    end_thread(THREAD_RETURNED);
}

bool thread_kill(const struct trap_frame *frame)
{
    if (unending())
        return false;
    thread_current->last = *frame;
    end_thread(THREAD_DIED);
}

void thread_yield(void)
{
    uint64_t flags = spin_lock(&threads_lock);

    schedule();
    spin_unlock(&threads_lock, flags);
}

void thread_move(unsigned number)
{
    uint64_t flags = spin_lock(&threads_lock);
    struct thread *self = thread_current;
    bool pinned = self->pinned;

    if (unending())
        refuse("thread: %s of processor %u cannot move", self->name, cpu_number());
    require_processor(number);
    if (number != cpu_number()) {
        self->cpu = number;
        self->migrations++;
        self->pinned = true; /* no other one may take it on the way */
        smp_kick(number);    /* it waits for the lock until the context is stored */
        schedule();
        self->pinned = pinned;
    }
    spin_unlock(&threads_lock, flags);
}

void thread_sleep(uint64_t us)
{
    uint64_t flags = spin_lock(&threads_lock);

    thread_current->wake_us = time_us() + us;
    thread_current->state = time_us() ? THREAD_SLEEPS : THREAD_READY;
    schedule();
    spin_unlock(&threads_lock, flags);
}

static void forget_free_slots(void)
{
    while (threads[thread_slots - 1].state == THREAD_FREE)
        thread_slots--;
}

enum thread_state thread_join(struct thread *thread, struct trap_frame *last)
{
    uint64_t flags = spin_lock(&threads_lock);
    enum thread_state how = THREAD_FREE;

    while (thread && thread->state != THREAD_RETURNED && thread->state != THREAD_DIED) {
        thread->joiner = thread_current;
        thread_current->state = THREAD_WAITS;
        schedule();
    }
    if (thread) {
        how = thread->state;
        if (last)
            *last = thread->last;
        thread->state = THREAD_FREE;
        forget_free_slots();
    }
    spin_unlock(&threads_lock, flags);
    return how;
}

const struct thread *thread_of(const struct trap_frame *frame)
{
    return frame->rip == (uintptr_t)thread_switch_committed ? (const struct thread *)frame->rdi
                                                            : thread_current;
}

unsigned thread_depth(void)
{
    unsigned depth = 0;

    for (const struct frame_link *link = thread_current->frames; link; link = link->outer)
        depth++;
    return depth;
}

void thread_each(void (*waiting)(struct thread *, void *), smp_function *running, void *argument)
{
    uint64_t flags = spin_lock(&threads_lock);

    for (unsigned i = 0; i < thread_slots; i++)
        if (threads[i].state != THREAD_FREE && !threads[i].running)
            waiting(&threads[i], argument);
    smp_each_waiting_idle(waiting, argument);
    smp_call_others(running, argument);
    running(argument);
    spin_unlock(&threads_lock, flags);
}

bool thread_reset(void)
{
    uint64_t flags = spin_lock(&threads_lock);
    bool any = false;

    for (unsigned i = 1; i <= THREADS_MAX; i++) {
        any |= threads[i].state != THREAD_FREE;
        if (threads[i].running)
            refuse("thread: %s still runs on processor %u", threads[i].name, threads[i].cpu);
        threads[i].state = THREAD_FREE;
    }
    forget_free_slots();
    threads[0].frames = NULL;
    threads[0].probe = NULL;
    threads[0].callbacks = 0;
    spin_unlock(&threads_lock, flags);
    return any;
}
