#include "time.h"

#include "cpu.h"
#include "tsc_find.h"

static uint64_t start;
static struct tsc_frequency tsc;

void time_init(const struct boot_info *boot)
{
    tsc = tsc_find(boot);
    start = rdtsc();
}

struct tsc_frequency time_tsc(void)
{
    return tsc;
}

uint64_t time_us(void)
{
    return tsc.khz ? (rdtsc() - start) * 1000 / tsc.khz : 0;
}

void time_wait(uint64_t us)
{
    uint64_t begin = time_us();

    while (time_us() - begin < us && begin)
        __asm__ volatile("pause");
}
