/* Sources: lib/tsc.c; Intel 8254 data sheet. */

#include "tsc_find.h"

#include "cpu.h"
#include "hpet.h"

#define PIT_HZ           1193182u
#define PIT_FEMTOSECONDS (1000000000000000u / PIT_HZ)
#define PIT_CHANNEL      0x42
#define PIT_COMMAND      0x43
#define PIT_ONESHOT      0xb0 /* channel 2, low and high byte, mode 0 */
#define PORT_B           0x61
#define PORT_B_GATE      0x01
#define PORT_B_TONE      0x02
#define PORT_B_OUT       0x20
#define CALIBRATION_MS   10u
#define PATIENCE         3u /* times the calibration, where CPUID says how long that is; else: */
#define POLLS            10000000u

static struct tsc_frequency by_cpuid(void)
{
    uint32_t max = cpuid(0, 0).eax;
    struct tsc_leaves leaves = {.denominator = 0};
    struct cpuid_regs leaf;

    if (max >= X86_CPUID_TSC) {
        leaf = cpuid(X86_CPUID_TSC, 0);
        leaves.denominator = leaf.eax;
        leaves.numerator = leaf.ebx;
        leaves.crystal_hz = leaf.ecx;
    }
    if (max >= X86_CPUID_BASE_FREQUENCY)
        leaves.base_mhz = cpuid(X86_CPUID_BASE_FREQUENCY, 0).eax;
    if (cpu.hypervisor[0] && cpuid(X86_CPUID_HYPERVISOR, 0).eax >= X86_CPUID_HYPERVISOR_TSC)
        leaves.hypervisor_khz = cpuid(X86_CPUID_HYPERVISOR_TSC, 0).eax;
    return tsc_by_leaves(&leaves);
}

/* In ticks; `said_khz` is CPUID's word, or 0. */
static uint64_t patience(uint64_t said_khz)
{
    return said_khz ? PATIENCE * CALIBRATION_MS * said_khz : UINT64_MAX;
}

/* In mode 0 the output goes low with the command: one that is high at once is no PIT's, and one that stays
 * low is that of a PIT whose clock firmware has stopped. */
static uint64_t khz_by_pit(uint64_t said_khz)
{
    uint64_t limit = patience(said_khz);
    unsigned count = PIT_HZ * CALIBRATION_MS / 1000;
    uint8_t port_b = inb(PORT_B);
    uint64_t begin, end = 0;

    outb(PORT_B, (uint8_t)((port_b & ~PORT_B_TONE) | PORT_B_GATE));
    outb(PIT_COMMAND, PIT_ONESHOT);
    if (inb(PORT_B) & PORT_B_OUT)
        return 0;
    outb(PIT_CHANNEL, count & 0xff);
    outb(PIT_CHANNEL, (uint8_t)(count >> 8));
    begin = rdtsc();
    for (unsigned i = 0; i < POLLS && !end && rdtsc() - begin < limit; i++)
        if (inb(PORT_B) & PORT_B_OUT)
            end = rdtsc();
    outb(PORT_B, port_b);
    return end ? tsc_khz_against(end - begin, count, PIT_FEMTOSECONDS) : 0;
}

/* The same against the HPET, whose counter may stand. */
static uint64_t khz_by_hpet(const struct boot_info *boot, uint64_t said_khz)
{
    uint64_t limit = patience(said_khz);
    struct hpet hpet;
    uint32_t first, counted = 0, want;
    uint64_t begin, end;

    if (!hpet_open(boot, &hpet))
        return 0;
    want = (uint32_t)(1000000000000ull * CALIBRATION_MS / hpet.femtoseconds);
    first = hpet_count(&hpet);
    begin = rdtsc();
    for (unsigned i = 0; i < POLLS && counted < want && rdtsc() - begin < limit; i++)
        counted = hpet_count(&hpet) - first;
    end = rdtsc();
    hpet_close(&hpet);
    return counted < want ? 0 : tsc_khz_against(end - begin, counted, hpet.femtoseconds);
}

struct tsc_frequency tsc_find(const struct boot_info *boot)
{
    struct tsc_frequency said = by_cpuid();
    struct tsc_frequency measured = {khz_by_pit(said.khz), "pit", 0};

    if (!measured.khz)
        measured = (struct tsc_frequency){khz_by_hpet(boot, said.khz), "hpet", 0};
    return tsc_agree(said, measured);
}
