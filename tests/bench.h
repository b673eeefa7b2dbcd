#pragma once
/*
 * Measuring one operation: 10 times 10,000 times, each time alone between two serialised readings of the TSC;
 * the round before those warms up and is not counted. The bracket is the one of RDTSC and RDTSCP (SDM volume
 * 2: LFENCE before and behind the first, RDTSCP and LFENCE at the end), as in Intel's white paper 324264-001,
 * "How to Benchmark Code Execution Times on Intel IA-32 and IA-64 Instruction Set Architectures", but with
 * LFENCE in the place of its CPUID, which a hypervisor would intercept. The bracket's own cost is measured
 * the same way and taken off.
 */

#include "keyed.h"
#include "summary.h"

#define BENCH_ROUNDS  10u
#define BENCH_REPEATS 10000u
#define BENCH_ALIVE   1000u /* that many take less than a watchdog's patience, on an emulator too */
#define BENCH_SAMPLES ((uint64_t)BENCH_ROUNDS * BENCH_REPEATS)

/* Everything that a measurement works with, so that it can run on any processor. */
struct bench {
    uint32_t *samples; /* BENCH_SAMPLES of them */
    const char *unit;  /* "cycles" or "instructions" */
    unsigned cpu;      /* for the lines: which processor this is */
    uint32_t overhead; /* of the bracket, to be taken off */
    struct keyed page;
    unsigned keys[2]; /* the page's, and another */
    uint64_t cr3[2];  /* of two address spaces that map the same */
    unsigned turn;    /* which of two is there now */
};

static inline uint64_t bench_begin(void)
{
    uint32_t low, high;

    __asm__ volatile("lfence; rdtsc; lfence" : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
}

static inline uint64_t bench_end(void)
{
    uint32_t low, high;

    __asm__ volatile("rdtscp; lfence" : "=a"(low), "=d"(high) : : "rcx", "memory");
    return (uint64_t)high << 32 | low;
}

static inline void bench_nothing(struct bench *b)
{
    (void)b;
}

static inline uint32_t bench_sample(uint64_t took, uint32_t overhead)
{
    if (took <= overhead)
        return 0;
    return took - overhead < UINT32_MAX ? (uint32_t)(took - overhead) : UINT32_MAX;
}

/* Has the page's translation there. */
static inline void bench_touch(struct bench *b)
{
    (void)*b->page.memory;
}

/* All of *b, from what the command line asks for; false, with the test skipped, where nothing is to be or can
 * be measured. bench_close() gives it back. Context: a test. */
bool bench_open(struct bench *b);
void bench_close(struct bench *b);

/* "# @ bench ..." of the samples. */
struct summary bench_print(struct bench *b, const char *name);

/* One row of the table. `prepare` comes before each measurement and is not measured. Both are inlined, so
 * that no call is. */
static inline __attribute__((always_inline)) struct summary bench_measure(struct bench *b, const char *name,
                                                                          void (*prepare)(struct bench *),
                                                                          void (*operation)(struct bench *))
{
    uint64_t flags = irq_save();
    unsigned count = 0;

    for (unsigned round = 0; round <= BENCH_ROUNDS; round++)
        for (unsigned i = 0; i < BENCH_REPEATS; i++) {
            uint64_t begin, end;

            if (i % BENCH_ALIVE == 0)
                test_alive();
            prepare(b);
            begin = bench_begin();
            operation(b);
            end = bench_end();
            if (round) /* the first one warms up */
                b->samples[count++] = bench_sample(end - begin, b->overhead);
        }
    irq_restore(flags);
    return bench_print(b, name);
}

#define BENCH_KEY 1 /* the page's; constant, as a user would have it */

/* Registers and translations, whatever the runtime does with them. */
void bench_registers(struct bench *b);

/* Every row of the table, on this processor, where nobody but the caller may use the key or the page, and no
 * other thread may want the processor. Context: a thread that stays on it. */
void bench_all(struct bench *b);
