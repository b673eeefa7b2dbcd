#pragma once
/* Registers beyond the general ones, which the kernel itself does not use: switched on for the length of a
 * test (SDM volume 3, "System Programming for Instruction Set Extensions and Processor Extended States"). */

#include <stdbool.h>
#include <stdint.h>

/* What extended_on() found. */
struct extended {
    uint64_t cr4, xcr0;
};

/* The components that XCR0 may hold here; 0 without XSAVE. */
uint64_t extended_components(void);

/* Sets CR4.OSFXSR and, unless the components are 0, CR4.OSXSAVE and XCR0. */
struct extended extended_on(uint64_t components);

/* Clears what the tests put into the registers and puts XCR0 and CR4 back. */
void extended_off(struct extended was);

/* Vector register 0 at a width of 16, 32 or 64 bytes, from and to memory of any alignment. */
void vector_set(const void *from, unsigned bytes);
void vector_get(void *to, unsigned bytes);
