#pragma once
/* Which processors there are, and how the others are started. */

#include "args.h"
#include "boot_info.h"
#include "percpu.h"

#define CPUS_MAX ARGS_SMP_MAX /* what smp= can ask for */

/*
 * Looks for processors and starts all of them but this one, at once: those that the MADT calls enabled, up to
 * `limit` in all (0: CPUS_MAX). What keeps one from taking part is kept for smp_print() and
 * smp_failure(). With no ACPI tables, a corrupt MADT, or no APIC, this processor is alone. Context: boot, in
 * the kernel's own space.
 */
void smp_init(const struct boot_info *boot, unsigned limit);

/* How many run, this one included; they have the numbers below that. */
unsigned smp_count(void);

/* How many the machine has, whether they run or not: those that the MADT calls enabled. */
unsigned smp_listed(void);

/* The block of a processor; `number` below smp_count(). */
struct percpu *percpu_of(unsigned number);

/* Resets another processor with INIT and starts it again: for tests. Microseconds that it took; 0 where it
 * did not come back, and is then gone for good. */
uint64_t smp_restart(unsigned number);

/* The same with all of them but this one, at the same time, as smp_init() starts them. */
uint64_t smp_restart_at_once(void);

/* What is wrong with a processor that the MADT lists: the sentence number `index`, NULL behind the last one.
 */
const char *smp_failure(unsigned index);

/* Calls function(thread, argument) for the idle thread of every processor that runs another one. */
void smp_each_waiting_idle(void (*function)(struct thread *, void *), void *argument);

/* "# @ cpus ..." */
void smp_print(void);
