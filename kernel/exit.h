#pragma once
/* Leaving the machine, and stopping with words. */

#include "args.h"
#include "tap.h"

/* How leave() ends; ARGS_AFTER_AUTO until told otherwise. */
void exit_configure(enum args_after after);

/*
 * Ends the run: the transmitter is drained, then the machine exits, halts or reboots as configured. Exit
 * ports are touched only under a hypervisor, or when the command line asked for it.
 */
_Noreturn void leave(enum verdict verdict);

/* "# @ refused <message>", then leave() with status error: for input that cannot be worked with. */
_Noreturn void refuse(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * Ends a boot whose run is not at its end: through the exit ports where leave() would take them, otherwise by
 * a reset if there is a journal from which the next boot goes on, whatever `after=` says of the end.
 */
_Noreturn void leave_unfinished(void);
