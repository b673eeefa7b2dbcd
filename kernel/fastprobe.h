#pragma once
/*
 * Probes by the million: #PF goes to a stub of a dozen instructions that keeps only what a comparison needs
 * and leaves PKRS as it is, so that one PKRS value serves many probes. Everything else takes the ordinary
 * way, the page fault that no probe planned included. Probes run at any CPL, on any processor: what belongs
 * to the last one stands in the processor's block.
 */

#include "percpu.h"
#include "probe.h"

/* Between the two, #PF and the vector X86_VEC_USER_RETURN belong to these probes, on all processors, which
 * share the IDT. Not nested. */
void fast_begin(void);
void fast_end(void);

/* Runs a memory probe (read, write, add, fetch) at CPL 0; returns the value read. */
uint64_t fast_probe(enum probe_kind kind, uint64_t address, uint64_t value);

/*
 * The same at CPL 1, 2 or 3. At CPL 3 the code runs from a copy of ring_program at `program`, on a user page;
 * `program` is not used at CPL 1 and 2, which execute supervisor pages. A fetch needs INT X86_VEC_USER_RETURN
 * at its address instead of a RET.
 */
uint64_t fast_probe_ring(unsigned cpl, enum probe_kind kind, uint64_t address, uint64_t value,
                         uint64_t program);

extern const char ring_program[], ring_program_end[];

/* The fault of this processor's last probe, and the address it reported. There are no more than one: its RIP
 * is always the planned one. */
static inline fault_t fast_fault(void)
{
    return percpu_here.fast.count ? FAULT_PF(percpu_here.fast.code) : FAULT_NONE;
}

static inline uint64_t fast_cr2(void)
{
    return percpu_here.fast.cr2;
}
