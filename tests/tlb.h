#pragma once
/* Words that the tests of cached translations share: for a supervisor page, with CR0.WP = 1. */

#include "access.h"

/* The two rights that a key can take away, and the faults that follow. */
enum { OPEN = 0, AD = X86_PKR_AD, WD = X86_PKR_WD };
#define PF_READ  FAULT_PF(X86_PF_PK | X86_PF_P)
#define PF_WRITE FAULT_PF(X86_PF_PK | X86_PF_W | X86_PF_P)

/* How a read or write of a page ends whose key has these rights. */
static inline fault_t denial(uint32_t rights, enum access access)
{
    if (access == ACCESS_WRITE)
        return rights & (AD | WD) ? PF_WRITE : FAULT_NONE;
    return rights & AD ? PF_READ : FAULT_NONE;
}
