#pragma once
/* For tests of threads on several processors. */

#include "keyed.h"
#include "schedule.h"
#include "smp.h"
#include "smp_call.h"
#include "spin.h"
#include "thread.h"

/* A thread on that processor; an error, and NULL, where there is none left. */
struct thread *start_on(unsigned number, bool pinned, void (*function)(void *), void *argument);

/* What others wait for. */
static inline void count_up(unsigned *count)
{
    __atomic_add_fetch(count, 1, __ATOMIC_SEQ_CST);
}

static inline unsigned count_now(const unsigned *count)
{
    return __atomic_load_n(count, __ATOMIC_SEQ_CST);
}

/* Waits until others have counted that far, and answers calls meanwhile; false, with a test_fail() that says
 * what has not come, when a quarter of a minute has passed. */
bool await_count(const unsigned *count, unsigned want, const char *what);

/* PKRS of what runs on a processor: on another one, what it gets back from the call that this makes. */
uint32_t pkrs_elsewhere(unsigned number);

/* keyed_expect() without the bytes, for pages that other processors write at the same time. */
void expect_faults(const struct keyed *keyed, enum pks_rights rights, const char *about);

/* The thread has to return; its slot is given back. */
void end_of(struct thread *thread, const char *about);
