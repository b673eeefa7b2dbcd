#pragma once
/* Machine checks: what the banks hold, and whether the machine can go on. */

#include "trap.h"

/*
 * Counts the banks of every processor and prints what stands in them from before this boot, by processor.
 * That is left there: the firmware and the next operating system log it, and have the means to act on it.
 * Context: boot, the first processor, all others parked.
 */
void machine_check_print(void);

/*
 * For trap_dispatch(): true if the event is a machine check by the machine that the interrupted code
 * survives; it is told by machine_check_settle(). One that it does not survive is told here and ends the run.
 * INT 18 is no machine check.
 */
bool machine_check_take(const struct trap_frame *frame);

/* Prints the machine checks that the running test survived; its result then proves nothing. */
void machine_check_settle(void);
