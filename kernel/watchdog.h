#pragma once
/*
 * A test that makes no progress for WATCHDOG_S seconds is ended by somebody else: where its processors stand
 * is printed, the test's result is `# ERROR timeout`, and the machine leaves without an END line: through the
 * exit port, and the host's tool goes on with the next test, or by a reset, and the next boot does
 * (lib/journal.h).
 *
 * Progress is what a processor counts in its block: lines of the log, probes, test_alive(), the start and the
 * end of jobs. Whoever has time looks whether any processor counts:
 *
 * - the last processor, twice a second by its own APIC's timer, while it is parked or idle;
 * - every processor that waits for another one: for a lock, a call, a job;
 * - the first one itself, by an NMI from the HPET (kernel/deadman.h), which also comes where it is the only
 *   processor and has its interrupts off.
 *
 * Looks are counted, not seconds: after a pause of the whole machine nobody has hung. What hangs in printing,
 * or with NMIs blocked on the only processor, is left to the host's limit.
 */

#include "boot_info.h"
#include "percpu.h"
#include "suite.h"
#include "trap.h"

#define WATCHDOG_S                                                                                           \
    8u /* a second for each processor where there are more, and fewer real ones may be behind them */

/* This processor does something. Context: any. */
static inline void watchdog_progress(void)
{
    percpu_here.progress++;
}

/* Finds out what can watch, and says it in "# @ watchdog ...". Context: boot, all processors parked. */
void watchdog_init(const struct boot_info *boot);
void watchdog_print(void);

/* A test runs from now on, or no longer. watchdog_end() does not return where its time is up already. */
void watchdog_begin(const struct suite_item *item);
void watchdog_end(void);

/* The run ends here: nobody is watched any more, and all processors but this one halt. Does not return where
 * another one is at it already. Context: any. */
void watchdog_over(void);

/* For a test that is well: puts the HPET's NMI off. */
void watchdog_restart(void);

/* Looks at all processors if that is due; does not return if none has made progress for too long. Context:
 * any but NMI and #MC, the lock of the log not held. */
void watchdog_look(void);

/* For a processor that has just been parked: it watches if it is the last one. */
void watchdog_parked(void);

/* For tests: how often somebody has looked, and whether a parked processor does. */
unsigned watchdog_looks(void);
bool watchdog_has_timer(void);

/* From kernel/parked_entry.asm: the timer, or a kick, which is an occasion as well. */
void watchdog_tick(void);

/* For the trap path: true if the frame is an NMI by which this processor was asked where it stands, or the
 * HPET's. */
bool watchdog_take(struct trap_frame *frame);
