#pragma once
/* The state that firmware and loader hand over: what was found set, and the known state that follows. */

#include "boot_info.h"

/*
 * Notes what stands in the registers that boot/start.asm has left alone, and puts them into the state of a
 * reset where that decides what this kernel's tests see; CR0, CR4 and EFER were noted and set there. After
 * the descriptor tables are loaded.
 */
void handed_settle(void);

/* The same on each other processor, of whose state nothing is noted: INIT leaves these MSRs alone. */
void handed_settle_other(void);

/* The same for the interrupt controllers; needs a space of the kernel. Boot, one processor. */
void handed_settle_interrupts(const struct boot_info *boot);

/* "# @ handed ...": what was found, for the log of a machine that nobody can attach a debugger to. */
void handed_print(void);
