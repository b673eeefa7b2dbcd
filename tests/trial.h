#pragma once
/* One register probe on areas of memory, run with cold and with warm translations, and the comparison of
 * everything that can be seen of it: fault, its number, RIP, CR2, PKRS in the frame, all registers and flags,
 * every byte of the areas, D. */

#include "areas.h"

#define STATUS_FLAGS                                                                                         \
    (X86_EFLAGS_CF | X86_EFLAGS_PF | X86_EFLAGS_AF | X86_EFLAGS_ZF | X86_EFLAGS_SF | X86_EFLAGS_OF)

struct trial_run;

struct trial {
    const char *about;
    enum probe_kind kind;
    struct areas *areas;
    struct machine machine;
    struct registers before, after; /* as they are set, and as they have to be afterwards */
    fault_t want;
    unsigned code_open;  /* bits of a page fault's error code that are an open point */
    uint64_t flags_open; /* of RFLAGS, where the instruction ended */
    uint64_t cr2;        /* of a page fault: any of cr2_size bytes (1 if that is 0) from here on, */
    unsigned cr2_size;   /* where the manual does not say which byte of an operand is accessed first, */
    uint64_t cr2_or;     /* or this one, where it does not say which page; 0 for none */
    void (*prepare)(void *context); /* before each run, and behind it, or NULL: for state beyond registers */
    void (*check)(void *context, const struct outcome *outcome, const struct trial_run *run);
    void *context;
};

/* One run of a trial, and its description in words: every axis. */
struct trial_run {
    const struct trial *trial;
    enum warmth warmth;
};
const char *trial_scene(const struct trial_run *run);

/* expect_equal() with the description behind the words, which is made only when it is needed. */
#define TRIAL_EQUAL(run, got, want, what)                                                                    \
    do {                                                                                                     \
        if ((got) != (want))                                                                                 \
            expect_equal(got, want, "%s; %s", what, trial_scene(run));                                       \
    } while (0)

/*
 * Distinct values in all registers, every status flag set, RSP at a stack of the kernel's that nothing uses.
 * The fault itself is taken on a stack of its own, so RSP may be any address in an area.
 */
struct registers trial_registers(void);

/*
 * A trial of a kind whose page fault is `want`, or which has none. The caller fills in what is not the same
 * before and afterwards.
 */
struct trial trial_make(const char *about, enum probe_kind kind, struct areas *areas, struct machine machine,
                        fault_t want);

/* Runs it with each warmth, the warm ones filled while every key was open, with no flush before the access.
 * Returns the cold run's outcome. */
struct outcome trial_run(const struct trial *trial);
