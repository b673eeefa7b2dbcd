/* Sources: Intel SDM volume 3, "Determining the Processor Base Frequency"; volume 2, "CPUID", leaves 15H and
 * 16H; leaf 40000010H is VMware's convention ("Mechanisms to determine if software is running in a VMware
 * virtual machine"), which KVM follows. */

#include "tsc.h"

#define BASE_MHZ_MASK 0xffffu

struct tsc_frequency tsc_by_leaves(const struct tsc_leaves *leaves)
{
    uint64_t base_mhz = leaves->base_mhz & BASE_MHZ_MASK;

    if (leaves->hypervisor_khz)
        return (struct tsc_frequency){leaves->hypervisor_khz, "hypervisor", 0};
    if (!leaves->denominator || !leaves->numerator)
        return (struct tsc_frequency){0, "none", 0};
    if (leaves->crystal_hz)
        return (struct tsc_frequency){
            (uint64_t)leaves->crystal_hz * leaves->numerator / leaves->denominator / 1000, "cpuid15", 0};
    if (base_mhz) /* the ratio is enumerated and the crystal is not: the TSC runs at the base frequency */
        return (struct tsc_frequency){base_mhz * 1000, "cpuid16", 0};
    return (struct tsc_frequency){0, "none", 0};
}

struct tsc_frequency tsc_agree(struct tsc_frequency said, struct tsc_frequency measured)
{
    if (!measured.khz || (said.khz / 2 < measured.khz && measured.khz / 2 < said.khz))
        return said;
    measured.wrong_khz = said.khz;
    return measured;
}

uint64_t tsc_khz_against(uint64_t ticks, uint64_t counts, uint64_t femtoseconds)
{
    uint64_t ns = counts * femtoseconds / 1000000;

    return ns ? ticks * 1000000 / ns : 0;
}
