/*
 * What the runtime costs: each operation 10 times 10,000 times, each time measured alone between two
 * serialised readings of the TSC, the cost of the readings measured the same way and taken off; the first
 * round is not counted. Interrupts are off. Printed, never asserted. `bench=cycles` on a machine, where the
 * unit is TSC ticks; `bench=instructions` under an emulator whose TSC counts instructions, where every figure
 * is exact. Under an emulator cycles mean nothing. Source of the bracket: "RDTSCP" and "RDTSC" (volume 2),
 * which name LFENCE.
 */
#include "frames.h"
#include "keyed.h"
#include "peer.h"
#include "sort.h"
#include "thread.h"

#define ROUNDS  10u
#define REPEATS 10000u

static uint32_t *samples; /* ROUNDS * REPEATS of them */
static struct keyed page;
static uint64_t empty_cost;

static inline uint64_t tsc_begin(void)
{
    uint32_t low, high;

    __asm__ volatile("lfence; rdtsc; lfence" : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
}

static inline uint64_t tsc_end(void)
{
    uint32_t low, high;

    __asm__ volatile("rdtscp; lfence" : "=a"(low), "=d"(high) : : "rcx", "memory");
    return (uint64_t)high << 32 | low;
}

/* One row of the table; `operation` is inlined, so that no call is measured. */
static inline __attribute__((always_inline)) void measure(const char *name, void (*operation)(void))
{
    unsigned count = 0;

    for (unsigned round = 0; round <= ROUNDS; round++)
        for (unsigned i = 0; i < REPEATS; i++) {
            uint64_t begin = tsc_begin();
            uint64_t took;

            operation();
            took = tsc_end() - begin;
            if (round) /* the first one warms up */
                samples[count++] = (uint32_t)(took > empty_cost ? took - empty_cost : 0);
        }
    test_alive();
    sort_u32(samples, count);
    test_note("bench name=%s unit=%s min=%u med=%u p99=%u n=%u", name,
              test_args()->bench == ARGS_BENCH_CYCLES ? "cycles" : "instructions", samples[0],
              samples[count / 2], samples[count / 100 * 99], count);
}

static inline void nothing(void)
{
}

static inline void write_register(void)
{
    msr_write(X86_MSR_IA32_PKRS, PKRS_DEFAULT);
}

static inline void read_register(void)
{
    (void)msr_read(X86_MSR_IA32_PKRS);
}

#define KEY 1 /* constant, as a user would have it */

static inline void change_nothing(void)
{
    pks_mk_noaccess(KEY);
}

static inline void change(void)
{
    pks_mk(KEY, pkr_get(pks_copy, KEY) ? PKS_READWRITE : PKS_NOACCESS);
}

static inline void open_write_close(void)
{
    pks_mk_readwrite(KEY);
    *page.memory = 1;
    pks_mk_noaccess(KEY);
}

static inline void yield(void)
{
    thread_yield();
}

static inline void fault(void)
{
    probe(PROBE_read8, page.va, 0);
}

static inline void invalidate(void)
{
    invlpg(page.va);
}

static inline void reload_cr3(void)
{
    cr3_write(cr3_read());
}

/* There and back: two switches, each with the choice of the next thread. */
static void measure_switch(const char *name, enum pks_rights there)
{
    struct peer peer;

    peer_start(&peer, KEY, there);
    measure(name, yield);
    peer_stop(&peer);
}

/* The same page fault, taken by the same stubs: with nothing to write, with another key open, and as on a
 * processor without PKS. */
static void measure_faults(void)
{
    int other = pks_key_alloc("other");

    REQUIRE(other > 0);
    pks_mk_noaccess(KEY);
    measure("fault_default", fault);
    pks_mk_readwrite((unsigned)other);
    measure("fault_key_open", fault);
    REQUIRE(pks_key_free((unsigned)other) == PKS_OK);
    pks_present = false;
    measure("fault_pkrs_not_saved", fault);
    pks_present = true;
}

ONCE_TEST(bench_cost, "What the runtime's operations cost, beside INVLPG and a load of CR3")
{
    SKIP_UNLESS(test_args()->bench != ARGS_BENCH_OFF, "bench=off");
    SKIP_UNLESS(cpu.pks, "no pks");
    samples = frame_pointer(frame_run_alloc(512 << 10));
    REQUIRE(samples);
    if (!samples || !keyed_make(&page, "bench", 0, LEVEL_4K))
        return;
    REQUIRE(page.key == KEY);
    if (cpu.hypervisor[0] && test_args()->bench == ARGS_BENCH_CYCLES)
        test_note("bench under %s: cycles say nothing about a processor", cpu.hypervisor);
    empty_cost = 0;
    measure("measuring", nothing);
    empty_cost = samples[ROUNDS * REPEATS / 2];
    measure("rdmsr_pkrs", read_register);
    measure("wrmsr_pkrs", write_register);
    measure("rights_no_change", change_nothing);
    measure("rights_change", change);
    measure("open_write_close", open_write_close);
    measure_switch("yield_and_back_equal", PKS_NOACCESS);
    measure_switch("yield_and_back_different", PKS_READWRITE);
    measure_faults();
    measure("invlpg", invalidate);
    measure("cr3_load", reload_cr3);
    keyed_drop(&page);
}
