#pragma once
/* Whether breakpoints on instructions can be relied on here. */

/* How many of a few are missed: 0 on a processor. The handler of X86_VEC_DB is taken for the duration.
 * Source: Intel SDM volume 3, "Instruction-Breakpoint Exception Condition". */
unsigned event_breakpoint_misses(void);
