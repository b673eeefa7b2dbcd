#include "thread.h"

#include "exit.h"
#include "ist.h"
#include "pks/pks.h"
#include "schedule.h"
#include "time.h"

#include <stddef.h>

void thread_entry(void);
_Noreturn void thread_main(void);
extern const char thread_switch_committed[];

struct thread threads[THREADS_MAX + 1] = {
    {.state = THREAD_READY, .name = "main", .stack = &stacks[STACK_NONE]},
};
unsigned thread_slots = 1;

/* What a new thread finds on its stack: what thread_switch() pops, and where it returns. */
struct first_frame {
    uint64_t callee_saved[6];
    uint64_t entry;
    uint64_t aligned; /* as behind a CALL */
};

struct thread *thread_create(const char *name, void (*function)(void *), void *argument)
{
    uint64_t flags = irq_save();
    struct thread *thread = NULL;

    for (unsigned i = 1; i <= THREADS_MAX && !thread; i++)
        if (threads[i].state == THREAD_FREE)
            thread = &threads[i];
    if (thread) {
        const struct stack *stack = &thread_stacks[thread - threads - 1];
        struct first_frame *first = (struct first_frame *)(stack_end(stack) - sizeof(*first));

        *first = (struct first_frame){.entry = (uintptr_t)thread_entry};
        *thread = (struct thread){.state = THREAD_READY,
                                  .pkrs = pks_present ? pks_default : 0,
                                  .rsp = (uintptr_t)first,
                                  .name = name,
                                  .function = function,
                                  .argument = argument,
                                  .stack = stack};
        if (thread >= &threads[thread_slots])
            thread_slots = (unsigned)(thread - threads) + 1;
    }
    irq_restore(flags);
    return thread;
}

/* The first code of a thread, called by thread_entry with interrupts off. */
_Noreturn void thread_main(void)
{
    irq_enable();
    thread_current->function(thread_current->argument);
    thread_exit();
}

static _Noreturn void end(enum thread_state how)
{
    irq_disable();
    thread_current->state = how;
    thread_current->frames = NULL; /* they may stand on a stack that the next event uses */
    ist_settle();
    for (unsigned i = 0; i <= THREADS_MAX; i++)
        if (threads[i].state == THREAD_WAITS && threads[i].joined == thread_current)
            threads[i].state = THREAD_READY;
    schedule();
    refuse("thread: %s runs on after its end", thread_current->name);
}

_Noreturn void thread_exit(void)
{
    if (thread_current == &threads[0])
        refuse("thread: the first one cannot end");
    end(THREAD_RETURNED);
}

bool thread_kill(const struct trap_frame *frame)
{
    if (thread_current == &threads[0])
        return false;
    thread_current->last = *frame;
    end(THREAD_DIED);
}

void thread_yield(void)
{
    uint64_t flags = irq_save();

    schedule();
    irq_restore(flags);
}

void thread_sleep(uint64_t us)
{
    uint64_t flags = irq_save();

    thread_current->wake_us = time_us() + us;
    thread_current->state = time_us() ? THREAD_SLEEPS : THREAD_READY;
    schedule();
    irq_restore(flags);
}

static void forget_free_slots(void)
{
    while (threads[thread_slots - 1].state == THREAD_FREE)
        thread_slots--;
}

enum thread_state thread_join(struct thread *thread, struct trap_frame *last)
{
    uint64_t flags = irq_save();
    enum thread_state how = THREAD_FREE;

    while (thread && thread->state != THREAD_RETURNED && thread->state != THREAD_DIED) {
        thread_current->joined = thread;
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
    irq_restore(flags);
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

void thread_each(void (*function)(struct thread *, void *), void *argument)
{
    for (unsigned i = 0; i <= THREADS_MAX; i++)
        if (threads[i].state != THREAD_FREE)
            function(&threads[i], argument);
}

bool thread_reset(void)
{
    bool any = false;

    for (unsigned i = 1; i <= THREADS_MAX; i++) {
        any |= threads[i].state != THREAD_FREE;
        threads[i].state = THREAD_FREE;
    }
    forget_free_slots();
    threads[0].frames = NULL;
    threads[0].probe = NULL;
    threads[0].callbacks = 0;
    return any;
}
