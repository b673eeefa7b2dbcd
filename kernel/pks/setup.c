#include "pks.h"

bool pks_present;
uint32_t pks_default = PKRS_DEFAULT;

bool pks_enable(void)
{
    if (!cpu.pks)
        return true;
    pkrs_write(pks_default);
    if (msr_read(X86_MSR_IA32_PKRS) != pks_default)
        return false;
    cr4_write(cr4_read() | X86_CR4_PKS);
    pks_present = true;
    return cr4_read() & X86_CR4_PKS;
}

bool pks_available(void)
{
    return pks_present;
}
