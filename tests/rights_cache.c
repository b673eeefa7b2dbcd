/*
 * Instructions that name memory without being loads or stores. PREFETCH is a hint and never faults (SDM
 * volume 2, "PREFETCHh", "PREFETCHW"). CLFLUSH, CLFLUSHOPT and CLWB are "subject to all permission checking
 * and faults associated with a byte load" (volume 2, "CLFLUSH"), but whether processors and emulators take
 * keys for such a check is open point A5: only printed, except that what the key permits must not fault and
 * that none of them changes memory.
 */
#include "sweep.h"

#define OFFSET 0x5c3u

/* An instruction that is observed, and what came of it where the key denies. */
struct flush {
    enum probe_kind kind;
    bool present;
    unsigned denied, faults, exact; /* exact: as a read would */
};

static void check_flush(const struct page_place *place, const void *what)
{
    struct flush *flush = (struct flush *)(uintptr_t)what; /* counts */
    uint64_t va = place->areas->area[0].va + OFFSET;
    struct trial t = trial_make(place->row->about, flush->kind, place->areas, place->machine, FAULT_NONE);
    struct registers r = t.before;
    struct outcome o;

    r.rdi = t.before.rdi = t.after.rdi = va;
    if (place->row->rights == 0) {
        trial_run(&t);
        return;
    }
    areas_prepare(place->areas, COLD);
    machine_set(place->machine);
    o = probe_registers(flush->kind, &r);
    machine_set(machine_normal());
    areas_check(place->areas, COLD, place->row->about);
    if (place->row->read != FAULT_NONE) {
        flush->denied++;
        flush->faults += o.faults;
        flush->exact += o.fault == place->row->read && o.cr2 == va;
    } else if (o.faults) {
        test_note("observe id=A5 insn=%s ad=0 wd=1 wp=%u fault=%s", probe_name(flush->kind), place->row->wp,
                  fault_text(o.fault).s);
    }
}

TEST(rights_cache_flush, "Whether CLFLUSH, CLFLUSHOPT and CLWB obey AD is observed; memory stays as it is")
{
    struct cpuid_regs seven = {0};
    struct flush flush[] = {{.kind = PROBE_clflush}, {.kind = PROBE_clflushopt}, {.kind = PROBE_clwb}};

    SKIP_UNLESS(cpu.pks, "no pks");
    if (cpuid(0, 0).eax >= X86_CPUID_EXTENDED_FEATURES)
        seven = cpuid(X86_CPUID_EXTENDED_FEATURES, 0);
    flush[0].present = cpuid(X86_CPUID_FEATURES, 0).edx & X86_CPUID_1_EDX_CLFSH;
    flush[1].present = seven.ebx & X86_CPUID_7_EBX_CLFLUSHOPT;
    flush[2].present = seven.ebx & X86_CPUID_7_EBX_CLWB;
    for (unsigned i = 0; i < sizeof(flush) / sizeof(flush[0]); i++) {
        if (!flush[i].present) {
            test_note("observe id=A5 insn=%s absent=1", probe_name(flush[i].kind));
            continue;
        }
        sweep_pages(check_flush, &flush[i]);
        test_note("observe id=A5 insn=%s faults=%u as_read=%u of=%u", probe_name(flush[i].kind),
                  flush[i].faults, flush[i].exact, flush[i].denied);
    }
}

static void check_prefetch(const struct page_place *place, const void *what)
{
    static const enum probe_kind hints[] = {PROBE_prefetcht0, PROBE_prefetcht1, PROBE_prefetcht2,
                                            PROBE_prefetchnta, PROBE_prefetchw};
    const unsigned *count = what;

    for (unsigned i = 0; i < *count; i++) {
        struct trial t = trial_make(place->row->about, hints[i], place->areas, place->machine, FAULT_NONE);

        t.before.rdi = t.after.rdi = place->areas->area[0].va + OFFSET;
        trial_run(&t);
    }
}

TEST(rights_cache_prefetch, "PREFETCH of a denied page never faults and changes nothing")
{
    bool w = cpuid(X86_CPUID_EXT_FEATURES, 0).ecx & X86_CPUID_EXT1_ECX_PREFETCHW;
    unsigned count = w ? 5 : 4;

    SKIP_UNLESS(cpu.pks, "no pks");
    sweep_pages(check_prefetch, &count);
}
