#pragma once
/* Threads that use all keys at random, for thread_stress and smp_stress. */

#include "thread.h"

#define STRESS_THREADS 16u

struct stress_result {
    unsigned operations;
    bool timer; /* that preempts */
    uint64_t us, accesses, denied, preempted, migrations;
};

/*
 * Random opens, closes, nested sections, accesses, yields, sleeps, on this processor or on that many, between
 * which the threads then move, and to which they send NMIs. The oracle predicts each access. With preemption.
 */
struct stress_result stress_run(unsigned operations, unsigned processors);

/* True for a run of so many operations that each kind of them came up. */
bool stress_is_long(const struct stress_result *result);

/* What a long run cannot do without: denied accesses, and threads that were preempted. */
void stress_expect(const struct stress_result *result);

/* True if a frame may show these rights where it has interrupted the thread: those that it has on paper, or
 * is about to have, or the default, of a handler's entry or exit, or of a thread that is none of the stress.
 */
bool stress_may_have(const struct thread *thread, uint32_t pkrs);
