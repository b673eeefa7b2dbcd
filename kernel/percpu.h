#pragma once
/*
 * What each processor has for itself, reached through GS. The base stays the kernel's at CPL 3 too, where a
 * supervisor page is out of reach, so that no entry has to find out which base it has: no SWAPGS, and no
 * window around it. In return no program at CPL 3 may load GS.
 *
 * Assembly knows the first fields by X86_PERCPU_* of lib/x86.h; the assertions below keep the two equal.
 */

#include "escape.h"
#include "machine.h"
#include "mce.h"
#include "stacks.h"
#include "tss.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct thread;
struct smp_request;

/* Of kernel/fastprobe.asm. */
struct fast_state {
    uint64_t at;               /* RIP of the fault that is planned */
    uint64_t landing;          /* where to go on */
    uint64_t rsp;              /* stack to go on with; 0 for a probe at CPL 0 */
    uint64_t count, code, cr2; /* of the last probe: kernel/fastprobe.h */
    uint64_t rip;              /* of the last fault, while the stub looks at it */
};
_Static_assert(offsetof(struct fast_state, at) == X86_FAST_AT, "lib/x86.h");
_Static_assert(offsetof(struct fast_state, landing) == X86_FAST_LANDING, "lib/x86.h");
_Static_assert(offsetof(struct fast_state, rsp) == X86_FAST_RSP, "lib/x86.h");
_Static_assert(offsetof(struct fast_state, count) == X86_FAST_COUNT, "lib/x86.h");
_Static_assert(offsetof(struct fast_state, code) == X86_FAST_CODE, "lib/x86.h");
_Static_assert(offsetof(struct fast_state, cr2) == X86_FAST_CR2, "lib/x86.h");
_Static_assert(offsetof(struct fast_state, rip) == X86_FAST_RIP, "lib/x86.h");

struct percpu {
    struct percpu *self;
    struct thread *thread; /* that runs here */
    uint32_t pkrs;         /* the software copy of IA32_PKRS: kernel/pks/pks.h */
    uint32_t number;       /* 0 is the processor that booted */
    uint64_t program_rsp;  /* kernel/trap.asm: RSP of a program between SYSCALL and its frame */
    struct tss tss;        /* the entry stubs move its IST pointers */
    struct stack *stacks;  /* STACKS of them, by enum stack_id */
    uint32_t apic_id;      /* by which boot/trampoline.asm finds the block */
    struct fast_state fast;
    uint64_t gdt[X86_GDT_SIZE / 8];
    struct escape test, user, call; /* kernel/escape.h */
    void *program;                  /* kernel/user.c: the one that runs at CPL 3 */
    struct thread *idle; /* what runs where nothing else does; on the first processor the main thread */
    uint32_t pkrs_found; /* in the register at its start, before anything was written */
    uint32_t start;      /* how far it has come: kernel/smp_start.h */
    bool parked;         /* kernel/smp_idle.c */
    const char *left;    /* what it had changed or not ended when it was parked */
    struct machine_state normal; /* when it was woken */
    struct smp_request *request; /* kernel/smp_call.c: a call to answer */
    void (*job)(void *argument); /* NULL: none */
    void *job_argument;
    bool job_broken;
    bool job_dropped;                        /* it did not end before the processor was parked */
    uint64_t ticks;                          /* kernel/preempt.h */
    uint64_t progress;                       /* kernel/watchdog.h */
    unsigned asked;                          /* kernel/watchdog_ask.c: where it stands, */
    void (*tell)(const struct trap_frame *); /* and who is to be told */
    struct mce_banks mce;                    /* kernel/machine_check.c */
};

_Static_assert(offsetof(struct percpu, thread) == X86_PERCPU_THREAD, "lib/x86.h");
_Static_assert(offsetof(struct percpu, pkrs) == X86_PERCPU_PKRS, "lib/x86.h");
_Static_assert(offsetof(struct percpu, program_rsp) == X86_PERCPU_PROGRAM_RSP, "lib/x86.h");
_Static_assert(offsetof(struct percpu, tss) == X86_PERCPU_TSS, "lib/x86.h");
_Static_assert(offsetof(struct percpu, stacks) == X86_PERCPU_STACKS, "lib/x86.h");
_Static_assert(offsetof(struct percpu, apic_id) == X86_PERCPU_APIC_ID, "lib/x86.h");
_Static_assert(offsetof(struct percpu, fast) == X86_PERCPU_FAST, "lib/x86.h");

/* The block itself as one operand in GS: reading or writing a field is one instruction, so that no interrupt
 * can come between finding the processor and using it. */
extern struct percpu __seg_gs percpu_here;

/* Of this processor. A thread that may be moved to another one must not keep the pointer. */
static inline struct percpu *this_cpu(void)
{
    return percpu_here.self;
}

static inline unsigned cpu_number(void)
{
    return percpu_here.number;
}

/* The thread of this processor: the caller. */
#define thread_current (percpu_here.thread)

#define escape_test (this_cpu()->test) /* the test, or the job, that runs here */
#define escape_user (this_cpu()->user) /* the program at CPL 3 that runs here */

static inline uint64_t stack_top(enum stack_id id)
{
    return stack_end(&this_cpu()->stacks[id]);
}
