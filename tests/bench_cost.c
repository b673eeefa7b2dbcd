/*
 * What the runtime's operations cost, and what they are made of. Printed, never asserted. `bench=cycles` on a
 * machine, where the unit is TSC ticks; `bench=instructions` under an emulator whose TSC counts instructions,
 * where every figure is exact. How it is measured stands in bench.h.
 */
#include "bench.h"
#include "firmware.h"
#include "frames.h"
#include "peer.h"
#include "thread.h"
#include "time.h"

#define SAMPLES_BYTES (512u << 10)

_Static_assert(BENCH_SAMPLES * sizeof(uint32_t) <= SAMPLES_BYTES, "room for the samples");

bool bench_open(struct bench *b)
{
    int other;

    *b = (struct bench){.unit = test_args()->bench == ARGS_BENCH_CYCLES ? "cycles" : "instructions"};
    if (test_args()->bench == ARGS_BENCH_OFF || !cpu.pks || !cpu.rdtscp) {
        test_skip(test_args()->bench == ARGS_BENCH_OFF ? "bench=off" : cpu.pks ? "no rdtscp" : "no pks");
        return false;
    }
    b->samples = frame_pointer(frame_run_alloc(SAMPLES_BYTES));
    REQUIRE(b->samples);
    if (!b->samples || !keyed_make(&b->page, "bench", 0, LEVEL_4K))
        return false;
    other = pks_key_alloc("other");
    REQUIRE(b->page.key == BENCH_KEY && other > 0);
    b->keys[0] = BENCH_KEY;
    b->keys[1] = (unsigned)other;
    return true;
}

void bench_close(struct bench *b)
{
    REQUIRE(pks_key_free(b->keys[1]) == PKS_OK);
    keyed_drop(&b->page);
}

struct summary bench_print(struct bench *b, const char *name)
{
    struct summary s = summarize_u32(b->samples, BENCH_SAMPLES);

    test_alive();
    test_note("bench name=%s unit=%s min=%u med=%u p99=%u n=%zu cpu=%u", name, b->unit, s.min, s.median,
              s.p99, s.count, b->cpu);
    return s;
}

static inline void change_nothing(struct bench *b)
{
    (void)b;
    pks_mk_noaccess(BENCH_KEY);
}

static inline void change(struct bench *b)
{
    b->turn ^= 1;
    pks_mk(BENCH_KEY, b->turn ? PKS_READWRITE : PKS_NOACCESS);
}

static inline void open_write_close(struct bench *b)
{
    pks_mk_readwrite(BENCH_KEY);
    *b->page.memory = 1;
    pks_mk_noaccess(BENCH_KEY);
}

static inline void yield(struct bench *b)
{
    (void)b;
    thread_yield();
}

static inline void fault(struct bench *b)
{
    probe(PROBE_read8, b->page.va, 0);
}

static inline void change_key(struct bench *b)
{
    b->turn ^= 1;
    (void)pks_page_set_key(b->page.va, b->keys[b->turn]);
}

/* There and back: two switches, each with the choice of the next thread. */
static void measure_switch(struct bench *b, const char *name, enum pks_rights there)
{
    struct peer peer;

    peer_start(&peer, BENCH_KEY, there);
    bench_measure(b, name, bench_nothing, yield);
    peer_stop(&peer);
}

/*
 * The same page fault, taken by the same stubs: with nothing to write, with another key open, and as on a
 * processor without PKS. That is one switch for all processors: one that is in a handler when it is thrown
 * back would leave with rights that nobody has saved there. None is: where others are awake
 * (bench_sockets.c), they have no timer, and test_alive() in bench_print() keeps the HPET's NMI seconds away.
 */
static void measure_faults(struct bench *b)
{
    pks_mk_noaccess(BENCH_KEY);
    bench_measure(b, "fault_default", bench_nothing, fault);
    pks_mk_readwrite(b->keys[1]);
    bench_measure(b, "fault_key_open", bench_nothing, fault);
    pks_mk_noaccess(b->keys[1]);
    pks_present = false;
    bench_measure(b, "fault_pkrs_not_saved", bench_nothing, fault);
    pks_present = true;
}

/* Of a page whose translation is there, between two open keys. */
static void measure_key_change(struct bench *b)
{
    b->turn = 0;
    pks_mk_readwrite(b->keys[0]);
    pks_mk_readwrite(b->keys[1]);
    bench_measure(b, "key_change_4k", bench_touch, change_key);
    REQUIRE(pks_page_set_key(b->page.va, b->keys[0]) == PKS_OK);
    pks_mk_noaccess(b->keys[1]);
    pks_mk_noaccess(b->keys[0]);
}

static void measure_rights(struct bench *b)
{
    bench_measure(b, "rights_no_change", bench_nothing, change_nothing);
    b->turn = 0;
    bench_measure(b, "rights_change", bench_nothing, change);
    pks_mk_noaccess(BENCH_KEY);
    bench_measure(b, "open_write_close", bench_nothing, open_write_close);
}

void bench_all(struct bench *b)
{
    b->overhead = 0;
    b->overhead = bench_measure(b, "measuring", bench_nothing, bench_nothing).median;
    bench_registers(b);
    measure_rights(b);
    measure_switch(b, "yield_and_back_equal", PKS_NOACCESS);
    measure_switch(b, "yield_and_back_different", PKS_READWRITE);
    measure_faults(b);
    measure_key_change(b);
}

/* What the figures are worth, in words. */
static void explain(const struct bench *b)
{
    struct tsc_frequency tsc = time_tsc();

    test_note("bench_setup cpu=%u unit=%s rounds=%u repeats=%u tsc_khz=%lu tsc=%s interrupts=off", b->cpu,
              b->unit, BENCH_ROUNDS, BENCH_REPEATS, tsc.khz, tsc.source);
    test_note("bench the median of measuring has been taken off every other figure");
    if (test_args()->bench == ARGS_BENCH_CYCLES && (cpu.hypervisor[0] || firmware_emulated()))
        test_note("bench under %s: cycles say nothing about a processor",
                  cpu.hypervisor[0] ? cpu.hypervisor : "an emulator");
}

ONCE_TEST(bench_cost,
          "What the runtime's operations cost, beside rights registers, INVLPG and switches of CR3")
{
    struct bench b;

    if (!bench_open(&b))
        return;
    explain(&b);
    bench_all(&b);
    bench_close(&b);
}
