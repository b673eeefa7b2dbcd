#pragma once
/*
 * Kernel threads: round robin, each with a guarded stack and with PKRS rights of its own. The first thread is
 * the one that boots and runs the tests; it has the boot stack. Threads give up the processor by themselves;
 * kernel/preempt.h makes a timer take it from them.
 */

#include "percpu.h"
#include "smp_call.h"
#include "trap.h"

#include <stdbool.h>
#include <stdint.h>

enum thread_state {
    THREAD_FREE,
    THREAD_READY, /* or running */
    THREAD_SLEEPS,
    THREAD_WAITS,    /* in thread_join() */
    THREAD_RETURNED, /* its function returned, or it called thread_exit() */
    THREAD_DIED,     /* of a fault that nobody relaxed */
};

/* A frame that is being handled: the innermost first. */
struct frame_link {
    struct trap_frame *frame;
    enum stack_id ist; /* that it was delivered on; STACK_NONE: on the current one */
    struct frame_link *outer;
};

struct thread {
    enum thread_state state;
    uint32_t pkrs; /* its rights while another thread runs; while it runs they are in the register */
    uint64_t rsp;  /* while another thread runs */
    const char *name;
    void (*function)(void *argument);
    void *argument;
    const struct stack *stack;
    uint64_t wake_us;          /* of time_us(), where it sleeps */
    struct thread *joiner;     /* who waits for its end */
    struct frame_link *frames; /* what it handles */
    void *probe;               /* kernel/probe.c's */
    uint16_t callbacks;        /* kernel/pks/fault.c's: keys whose callbacks run */
    bool may_die;              /* a fault that ends it is expected: no block of words about it */
    uint64_t switches;         /* how often it has been given a processor */
    uint64_t migrations;       /* how often that was another one than before */
    unsigned cpu;              /* whose queue it stands in */
    bool pinned;               /* no other processor may take it */
    bool running;              /* on that processor, now */
    struct trap_frame last;    /* what it died of */
};

/*
 * A new thread that is ready to run function(argument), with interrupts on and with the default rights,
 * whatever its creator has open. NULL when there are THREADS_MAX threads already. `name` has to live as long.
 */
struct thread *thread_create(const char *name, void (*function)(void *), void *argument);

/* The same in the queue of another processor, where it may stay (pinned) or be taken by any that is idle. */
struct thread *thread_create_on(const char *name, void (*function)(void *), void *argument, unsigned number,
                                bool pinned);

/* Moves the current thread to another processor, pinned or not; returns there, with its rights. Not for the
 * first thread and idle ones, and not in a handler on a stack that is not the thread's own. */
void thread_move(unsigned number);

/* Lets the others run; returns when it is this thread's turn again. Context: thread, or a handler on a
 * thread's own stack. */
void thread_yield(void);

/* The same for at least that many microseconds; where time_us() has no clock, like thread_yield(). */
void thread_sleep(uint64_t us);

/* Waits for a thread's end and gives its slot back; how it ended. `last`, unless NULL, receives the frame
 * that killed it. Only one thread may join another; a ring of joins ends the run. No thread (NULL) has ended
 * as THREAD_FREE. */
enum thread_state thread_join(struct thread *thread, struct trap_frame *last);

/* Ends the current thread; its open keys end with it. Not for the first thread. */
_Noreturn void thread_exit(void);

/* For the trap path: ends the current thread for the fault in `frame`; false for the first thread. */
bool thread_kill(const struct trap_frame *frame);

/* The thread whose rights a frame shows. It differs from thread_current for an NMI at one boundary only: the
 * switch has loaded the next thread's rights and is about to store that it is the current one. */
const struct thread *thread_of(const struct trap_frame *frame);

/* Frames that the current thread handles: 0 outside of handlers. */
unsigned thread_depth(void);

/* Calls function(thread, argument) for every thread that runs nowhere at the moment, the idle ones included,
 * and then function(thread, argument) for the running one on each processor, there; none of them is given a
 * processor meanwhile. */
void thread_each(void (*waiting)(struct thread *, void *), smp_function *running, void *argument);

/* For the runner: drops every thread but the first, which has to be the only one that runs; true if there was
 * one. */
bool thread_reset(void);
