/* Sources: Intel SDM volume 3, "Determining the Processor Base Frequency"; Intel 8254 data sheet. */

#include "time.h"

#include "cpu.h"

#define CPUID_TSC      0x15u
#define PIT_HZ         1193182u
#define PIT_CHANNEL    0x42
#define PIT_COMMAND    0x43
#define PIT_ONESHOT    0xb0 /* channel 2, low and high byte, mode 0 */
#define PORT_B         0x61
#define PORT_B_GATE    0x01
#define PORT_B_TONE    0x02
#define PORT_B_OUT     0x20
#define CALIBRATION_MS 10u
#define POLLS          10000000u

static uint64_t start, ticks_per_ms;

static uint64_t ticks_by_cpuid(void)
{
    struct cpuid_regs leaf;

    if (cpuid(0, 0).eax < CPUID_TSC)
        return 0;
    leaf = cpuid(CPUID_TSC, 0);
    if (!leaf.eax || !leaf.ebx || !leaf.ecx)
        return 0;
    return (uint64_t)leaf.ecx * leaf.ebx / leaf.eax / 1000;
}

static uint64_t ticks_by_pit(void)
{
    unsigned count = PIT_HZ * CALIBRATION_MS / 1000;
    uint8_t port_b = inb(PORT_B);
    uint64_t begin, end = 0;

    outb(PORT_B, (uint8_t)((port_b & ~PORT_B_TONE) | PORT_B_GATE));
    outb(PIT_COMMAND, PIT_ONESHOT);
    outb(PIT_CHANNEL, count & 0xff);
    outb(PIT_CHANNEL, (uint8_t)(count >> 8));
    begin = rdtsc();
    for (unsigned i = 0; i < POLLS && !end; i++)
        if (inb(PORT_B) & PORT_B_OUT)
            end = rdtsc();
    outb(PORT_B, port_b);
    return end ? (end - begin) / CALIBRATION_MS : 0;
}

void time_init(void)
{
    ticks_per_ms = ticks_by_cpuid();
    if (!ticks_per_ms)
        ticks_per_ms = ticks_by_pit();
    start = rdtsc();
}

uint64_t time_us(void)
{
    return ticks_per_ms ? (rdtsc() - start) * 1000 / ticks_per_ms : 0;
}

void time_wait(uint64_t us)
{
    uint64_t begin = time_us();

    while (time_us() - begin < us && begin)
        __asm__ volatile("pause");
}
