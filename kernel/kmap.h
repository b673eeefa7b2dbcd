#pragma once
/* The kernel's own address space: which parts of the image and of memory are mapped, and with which rights.
 */

#include "paging.h"

/*
 * The kernel's space for 4 or 5 levels, built at its first use: the image identity-mapped W^X, guard pages
 * left out, the frame pool writable, nothing else. Ends the run through refuse() when no frames are left.
 */
const struct space *kernel_space(unsigned levels);
