/*
 * What a probe costs: the yardstick for the matrix. A bare loop of one faulting probe, with no oracle and no
 * comparison, on a page that a key denies; and the same page with the key open. Printed, never asserted.
 */
#include "access.h"
#include "fastprobe.h"
#include "summary.h"
#include "time.h"

#define KEY     4
#define BLOCKS  11u
#define REPEATS 20000u

static void measure(const char *name, uint32_t rights)
{
    struct machine m = machine_normal();
    uint32_t ns[BLOCKS];
    struct summary s;
    struct target t;

    if (!target_map(&t, LEVEL_4K, WINDOW_LOW, 0, target_page(KEY)))
        return;
    m.pkrs = pkr_set(PKRS_DEFAULT, KEY, rights);
    machine_set(m);
    fast_begin();
    for (unsigned block = 0; block < BLOCKS; block++) {
        uint64_t start = time_us();

        for (unsigned i = 0; i < REPEATS; i++)
            fast_probe(PROBE_read8, t.va, 0);
        ns[block] = (uint32_t)((time_us() - start) * 1000 / REPEATS);
    }
    fast_end();
    machine_set(machine_normal());
    s = summarize_u32(ns, BLOCKS);
    test_note("bench name=%s unit=ns min=%u med=%u p99=%u n=%u", name, s.min, s.median, s.p99,
              BLOCKS * REPEATS);
    page_unmap(space_current(), t.va);
}

TEST(bench_probe_fault, "How long a probe takes that a key denies, and one that it permits")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    measure("probe_fault", X86_PKR_AD);
    measure("probe_none", 0);
}
