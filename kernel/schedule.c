/* Round robin over the thread slots. */

#include "schedule.h"

#include "exit.h"
#include "pks/pks.h"
#include "time.h"

#include <stddef.h>

void thread_switch(uint64_t *old_rsp, uint64_t next_rsp, struct thread *next, uint32_t next_pkrs);

static bool ready(struct thread *thread, bool *hope)
{
    if (thread->state == THREAD_SLEEPS) {
        *hope = true;
        if (time_us() >= thread->wake_us)
            thread->state = THREAD_READY;
    }
    return thread->state == THREAD_READY;
}

/* The next one that is ready after the current one, itself last. */
static struct thread *pick(void)
{
    unsigned self = (unsigned)(thread_current - threads);
    bool hope;

    do {
        hope = false;
        for (unsigned i = 1; i <= thread_slots; i++) {
            struct thread *thread = &threads[(self + i) % thread_slots];

            if (ready(thread, &hope))
                return thread;
        }
        __asm__ volatile("pause");
    } while (hope);
    return NULL;
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
    if (!next)
        refuse("thread: every thread waits for another one");
    if (next == old)
        return;
    next->switches++;
    old->pkrs = pks_copy;
    thread_switch(&old->rsp, next->rsp, next, next->pkrs);
}
