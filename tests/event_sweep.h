#pragma once
/* An event at every instruction of a path, and at one instruction only: what each sees, and what it leaves.
 */

#include "keyed.h"
#include "step.h"
#include "thread.h"

#define SWEEP_VALUES 12

/* One stretch of a run: PKRS, and whose. */
struct sweep_value {
    uint32_t pkrs;
    const struct thread *thread; /* NULL: any */
};

/*
 * One way through a path. `run` is what is swept; `prepare` puts everything back to the start before each
 * run, `check` says what has to be true behind it. Between two instructions PKRS is one of `value`, which
 * follow one another, each at least once, the last one at the end.
 */
struct sweep_way {
    const char *name;
    void (*prepare)(void);
    void (*run)(void *unused);
    void (*check)(const char *about);
    struct sweep_value value[SWEEP_VALUES];
    uint32_t other_default;              /* where the path changes the default: to this */
    const void *entry[STEP_BREAKPOINTS]; /* of the events in it */
    const void *meet;                    /* each time before this instruction is executed... */
    void (*met)(void);                   /* ...this is called, as a part of the #DB handler */
    bool one_run;                        /* no second pass: an NMI at every instruction of the stepped run */
};

/* Code of the path: a function by its name and address, by its name alone (where it is static and may have
 * been inlined), or a stretch of assembly. */
struct sweep_code {
    const char *name;
    const void *start, *end;
    unsigned except; /* instructions that may be left out besides those that end the run... */
    const char *why; /* ...for this reason */
};
#define SWEEP_FUNCTION(function)                                                                             \
    {                                                                                                        \
        .name = #function, .start = (const void *)(function)                                                 \
    }
#define SWEEP_STATIC(function_name)                                                                          \
    {                                                                                                        \
        .name = function_name                                                                                \
    }
#define SWEEP_ASM(first, past)                                                                               \
    {                                                                                                        \
        .name = #first, .start = first, .end = past                                                          \
    }
#define SWEEP_CODE_MAX 16

struct sweep_path {
    const char *name;
    struct sweep_code code[SWEEP_CODE_MAX];
    bool preempt; /* a second thread takes the processor, at every instruction, too; ways make no threads then
                   */
};

/* Starts on a path; false, with the test skipped, where the machine lacks what a sweep needs. */
bool sweep_begin(const struct sweep_path *path);

/* One way: every instruction by single steps, then again with an NMI at one of them at a time. */
void sweep_way(const struct sweep_way *way);

/* Prints what was visited; every instruction of the path has to have been. */
void sweep_end(void);
