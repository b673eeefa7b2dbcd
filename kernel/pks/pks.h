#pragma once
/* Supervisor protection keys: enabling them, and the default rights that every exception handler gets. */

#include "pks/bits.h"

#include <stdbool.h>
#include <stdint.h>

/* The default rights of a kernel whose own pages are on the key: that key open, all others access-disabled.
 */
static inline uint32_t pks_rights_for(unsigned kernel_key)
{
    return pkr_set(PKRS_DEFAULT | PKR_AD(0), kernel_key, 0);
}

extern bool pks_present;     /* CPUID says so; read by the entry stubs */
extern uint32_t pks_default; /* the rights the entry stubs load: they keep the kernel's own key open */

/*
 * Writes the default rights to IA32_PKRS, verifies them by reading back, and only then sets CR4.PKS; does
 * nothing where CPUID shows no PKS. The MSR exists independently of CR4.PKS, so there is no moment at which
 * the checks act on unknown rights. Returns false when either register does not read back as written.
 */
bool pks_enable(void);
