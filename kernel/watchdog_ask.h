#pragma once
/* Where a processor stands: an NMI asks it, whatever it does. */

#include "trap.h"

/* What became of the question. */
enum answer { ANSWER_DONE, ANSWER_NONE, ANSWER_UNFINISHED };

/*
 * Makes a processor, which may be this one, call tell(frame) in its NMI's handler; returns when it has done
 * so, or does not answer within a second, or does not come back from tell() within ten. `stay`: another one
 * must not go on behind that. Context: any, but in an NMI not itself; one processor at a time; after
 * apic_open(); there has to be a clock.
 */
enum answer watchdog_ask(unsigned number, void (*tell)(const struct trap_frame *), bool stay);

/* Makes another processor halt for good as soon as it takes an NMI; does not wait for it. Context: as above,
 * without a clock too. */
void watchdog_halt(unsigned number);

/* For the trap path: true if the frame is that NMI. */
bool watchdog_answer(const struct trap_frame *frame);
