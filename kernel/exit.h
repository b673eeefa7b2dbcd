#pragma once
/* Leaving the machine, and stopping with words. */

#include "args.h"
#include "tap.h"

/* How leave() ends; ARGS_AFTER_AUTO until told otherwise. */
void exit_configure(enum args_after after);

/*
 * Ends the run: no other processor says or does anything from now on, the transmitter is drained, then the
 * machine exits, halts or reboots as configured. Exit ports are touched only under a hypervisor, or when the
 * command line asked for it. Context: any.
 */
_Noreturn void leave(enum verdict verdict);

/* "# @ refused <message>", then leave() with status error: for input that cannot be worked with. */
_Noreturn void refuse(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * Ends a boot whose run is not at its end as leave() does, but for one thing: where the end of a run halts a
 * machine because nothing else was asked for, this resets it if an earlier boot's journal has come through a
 * reset already. Without that a machine that forgets would start the run from its beginning for ever.
 */
_Noreturn void leave_unfinished(void);
