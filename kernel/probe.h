#pragma once
/* One labelled instruction that may fault, and what came of it. A fault anywhere else is nobody's plan. */

#include "fault.h"
#include "probe_kinds.h"
#include "trap.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * name, operands a and b; kernel/probe.asm holds one function for each. A read returns the value read.
 * add8 and locked8 add b to memory in one instruction, the second one with LOCK.
 * fetch calls address a, where a RET has to stand. load_fs loads selector a, an implicit descriptor access.
 * pkrs_read8 and pkrs_write8 (kernel/probe_order.asm) write PKRS with the low half of b and then access a.
 */
#define PROBES(X)                                                                                            \
    X(read1)                                                                                                 \
    X(read2)                                                                                                 \
    X(read4)                                                                                                 \
    X(read8)                                                                                                 \
    X(write1)                                                                                                \
    X(write2)                                                                                                \
    X(write4)                                                                                                \
    X(write8)                                                                                                \
    X(add8)                                                                                                  \
    X(locked8)                                                                                               \
    X(fetch)                                                                                                 \
    X(rdmsr)                                                                                                 \
    X(wrmsr)                                                                                                 \
    X(pkrs_read8)                                                                                            \
    X(pkrs_write8)                                                                                           \
    X(cr4_write)                                                                                             \
    X(load_fs)                                                                                               \
    X(ud2)

#define PROBE_ENUM(name) PROBE_##name,
enum probe_kind { PROBES(PROBE_ENUM) REGISTER_PROBES(PROBE_ENUM) PROBE_KINDS };

struct outcome {
    fault_t fault;   /* none, or the probe's fault */
    unsigned faults; /* how many were taken: 0 or 1 on a sane machine */
    uint64_t rip;    /* of the fault */
    uint64_t cr2;    /* of the fault, whatever its vector */
    uint32_t pkrs;   /* of the interrupted context as the frame has it */
    uint64_t value;  /* what a read read; meaningless after a fault */
};

/* The probe's instruction and nothing else: for callers that have arranged for its fault
 * (kernel/fastprobe.h). */
uint64_t probe_call(enum probe_kind kind, uint64_t a, uint64_t b);

/* Runs one probe. Context: any with a valid stack; may be nested in a handler. */
struct outcome probe(enum probe_kind kind, uint64_t a, uint64_t b);

/*
 * Runs one of REGISTER_PROBES with every general register, RSP and the flags as given, and leaves there what
 * they hold afterwards; after a fault that is what the fault left. RSP may be anything that the instruction
 * can bear, as long as a fault finds a stack: a stack that its page's key denies needs idt_set_stack().
 */
struct outcome probe_registers(enum probe_kind kind, struct registers *registers);

/* Where every register probe goes on: the target of its calls, and of returns that a test prepares. */
uint64_t probe_registers_landing(void);

/* The address of the instruction that a probe may fault at, and the probe's name. */
uint64_t probe_address(enum probe_kind kind);
const char *probe_name(enum probe_kind kind);

/* The read and write probes by size: 1, 2, 4 or 8 bytes. */
enum probe_kind probe_read_kind(unsigned bytes);
enum probe_kind probe_write_kind(unsigned bytes);

/* Notes a fault that was planned for. */
static inline void outcome_record(struct outcome *outcome, const struct trap_frame *frame)
{
    outcome->fault = trap_fault(frame);
    outcome->faults++;
    outcome->rip = frame->rip;
    outcome->cr2 = frame->cr2;
    outcome->pkrs = (uint32_t)frame->pkrs;
}

/* For the runner: forgets the probes of a test that was abandoned. */
void probe_forget(void);

/* For the trap path: if the frame is the running probe's fault, records it and makes the frame resume. */
bool probe_take(struct trap_frame *frame);
