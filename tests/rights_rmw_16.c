/*
 * The read-modify-write of sixteen bytes, which machines tend to do on a path of its own (SDM volume 2,
 * "CMPXCHG8B/CMPXCHG16B"): memory is written whether the comparison succeeds or fails, so WD denies both.
 */
#include "sweep.h"

#define OFFSET 0x240u

/* Sixteen bytes: compared with RDX:RAX, replaced by RCX:RBX. */
static void check_16(const struct page_place *place, const void *what)
{
    bool equal = *(const bool *)what;
    uint64_t va = place->areas->area[0].va + OFFSET;
    struct trial t = trial_make(place->row->about, PROBE_rmw_lock_cmpxchg16b, place->areas, place->machine,
                                place->row->write);
    uint64_t memory[2] = {areas_value(place->areas, va, 8), areas_value(place->areas, va + 8, 8)};

    t.before.rdi = t.after.rdi = t.cr2 = va;
    t.before.rax = t.after.rax = memory[0];
    t.before.rdx = t.after.rdx = equal ? memory[1] : ~memory[1];
    t.code_open = place->row->rights & X86_PKR_AD ? X86_PF_W : 0; /* rights_rmw_locked_w's subject */
    if (t.want == FAULT_NONE && equal) {
        areas_expect(place->areas, va, &t.before.rbx, 8);
        areas_expect(place->areas, va + 8, &t.before.rcx, 8);
    } else if (t.want == FAULT_NONE) {
        t.after.rflags &= ~(uint64_t)X86_EFLAGS_ZF;
        t.after.rdx = memory[1];
        place->areas->area[0].dirty_open = true;
    }
    trial_run(&t);
}

TEST(rights_rmw_cmpxchg16b, "LOCK CMPXCHG16B obeys AD and WD, whether its comparison succeeds or fails")
{
    static const bool equal[] = {true, false};

    SKIP_UNLESS(cpu.pks, "no pks");
    SKIP_UNLESS(cpuid(X86_CPUID_FEATURES, 0).ecx & X86_CPUID_1_ECX_CX16, "no cmpxchg16b");
    sweep_pages(check_16, &equal[0]);
    sweep_pages(check_16, &equal[1]);
}
