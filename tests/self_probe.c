/*
 * A verdict can only be trusted if a probe tells the truth: none when nothing happened, the exact vector and
 * error code when something did, at the instruction that was labelled, once. The faults here need no
 * protection key: an address that is not mapped, one that is not canonical, an opcode that does not exist.
 */
#include "target.h"

TEST(self_probe_none,
     "A probe of mapped memory reports no fault, reads what is there and writes what it is told")
{
    volatile uint64_t memory = 0x0123456789abcdef;
    uint64_t va = (uintptr_t)&memory;

    for (unsigned bytes = 1; bytes <= 8; bytes *= 2) {
        uint64_t mask = bytes == 8 ? ~0ull : (1ull << 8 * bytes) - 1;
        struct outcome o = probe(probe_read_kind(bytes), va, 0);

        expect_outcome(&o, probe_read_kind(bytes), FAULT_NONE, 0, "of mapped memory");
        expect_equal(o.value & mask, memory & mask, "value read, %u bytes", bytes);
        memory = ~0ull;
        o = probe(probe_write_kind(bytes), va, 0);
        expect_outcome(&o, probe_write_kind(bytes), FAULT_NONE, 0, "of mapped memory");
        expect_equal(memory, ~mask, "memory after writing %u zero bytes", bytes);
        memory = 0x0123456789abcdef;
    }
}

TEST(self_probe_pf, "A probe of an address that is not mapped reports #PF with P=0 and the address in CR2")
{
    for (enum window_half half = WINDOW_LOW; half < WINDOW_HALVES; half++) {
        uint64_t va = window_address(half, 3) + 0x123;

        for (unsigned bytes = 1; bytes <= 8; bytes *= 2) {
            struct outcome o = probe(probe_read_kind(bytes), va, 0);

            expect_outcome(&o, probe_read_kind(bytes), FAULT_PF(0), va, "in the %s half",
                           window_half_name(half));
            o = probe(probe_write_kind(bytes), va, 0);
            expect_outcome(&o, probe_write_kind(bytes), FAULT_PF(X86_PF_W), va, "in the %s half",
                           window_half_name(half));
        }
    }
}

TEST(self_probe_fetch, "A fetch fault reports the target as RIP and in CR2, a fetch that works returns")
{
    uint64_t va = window_address(WINDOW_LOW, 3);
    struct target t;
    struct outcome o = probe(PROBE_fetch, va, 0);

    expect_equal(o.fault, FAULT_PF(X86_PF_I), "fault of a fetch that is not mapped");
    expect_equal(o.rip, va, "rip");
    expect_equal(o.cr2, va, "cr2");
    expect_equal(o.faults, 1, "faults");
    if (!target_map(&t, LEVEL_4K, WINDOW_LOW, 3, (struct entry){.writable = true}))
        return;
    *t.alias = 0xc3; /* RET */
    o = probe(PROBE_fetch, t.va, 0);
    expect_equal(o.faults, 0, "faults of a fetch that works");
}

TEST(self_probe_gp, "A probe of a non-canonical address reports #GP(0)")
{
    uint64_t va = 0x7fffffffffffffff;
    struct outcome o = probe(PROBE_read8, va, 0);

    expect_outcome(&o, PROBE_read8, FAULT_GP(0), 0, "of a non-canonical address");
    o = probe(PROBE_write1, va, 0);
    expect_outcome(&o, PROBE_write1, FAULT_GP(0), 0, "of a non-canonical address");
}

TEST(self_probe_ud, "A probe of UD2 reports #UD and no error code")
{
    struct outcome o = probe(PROBE_ud2, 0, 0);

    expect_outcome(&o, PROBE_ud2, FAULT(X86_VEC_UD, 0), 0, "itself");
}
