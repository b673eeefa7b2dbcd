#pragma once
/* The kernel's own address space: which parts of the image and of memory are mapped, and with which rights.
 */

#include "paging.h"

/*
 * The kernel's space for 4 or 5 levels, built at its first use: the image identity-mapped W^X, guard pages
 * left out, the frame pool writable, nothing else. Ends the run through refuse() when no frames are left.
 */
const struct space *kernel_space(unsigned levels);

/*
 * Maps the registers of a device, uncached, writable, not executable, into every space of the kernel, those
 * built later too. The pointer is good for ever, once one of those spaces is entered; the pages follow
 * kernel_set_key() and kernel_set_xd() as the rest of the kernel does. NULL where memory of the kernel is
 * meant, and where the addresses wrap around or are beyond the processor's. To be called before the first
 * test. Context: boot, one processor.
 */
volatile void *kernel_map_device(uint64_t physical, uint64_t size);

/* Takes one page out of every space of the kernel: a guard. Ends the run through refuse() when no frames are
 * left. Before the first test. */
void kernel_unmap(uint64_t page);

/*
 * Moves every page of the kernel in the current space to a protection key, and the default rights with it:
 * they keep that key open and all others access-disabled. For tests of key 0. False when it was
 * that key already.
 */
bool kernel_set_key(unsigned key);

/*
 * Takes XD out of every entry of the kernel in the current space, or puts it back: with EFER.NXE = 0, XD is a
 * reserved bit. For tests of that; between the two the kernel's data can be executed.
 */
void kernel_set_xd(bool on);
