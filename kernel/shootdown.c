#include "shootdown.h"

#include "cpu.h"
#include "smp_call.h"

static void invalidate(void *va)
{
    invlpg((uintptr_t)va);
}

void shootdown(uint64_t va)
{
    invlpg(va);
    smp_call_others(invalidate, (void *)va);
}
