#include "fastprobe.h"

#include "desc.h"

uint64_t fast_ring_enter(uint64_t rip, uint64_t cs, uint64_t ss, uint64_t address, uint64_t value);
extern const char fast_pf[], fast_return[], fast_ring_landing[], probe_landing[], probe_landing_called[];

#define RING_KINDS(X)                                                                                        \
    X(read1) X(read2) X(read4) X(read8) X(write1) X(write2) X(write4) X(write8) X(add8) X(locked8)

#define RING_DECLARE(name) extern const char ring_fn_##name[], ring_at_##name[];
RING_KINDS(RING_DECLARE)

static const struct {
    const char *start, *at;
} programs[PROBE_KINDS] = {
#define RING_ROW(name) [PROBE_##name] = {ring_fn_##name, ring_at_##name},
    RING_KINDS(RING_ROW)};

/* Selectors by CPL; 1 and 2 exist for these probes only. */
static const struct {
    uint16_t cs, ss;
} ring[] = {
    [1] = {X86_SEG_RING1_CODE64 | 1, X86_SEG_RING1_DATA | 1},
    [2] = {X86_SEG_RING2_CODE64 | 2, X86_SEG_RING2_DATA | 2},
    [3] = {X86_SEG_USER_CODE64 | X86_SEG_RPL_USER, X86_SEG_USER_DATA | X86_SEG_RPL_USER},
};

void fast_begin(void)
{
    this_cpu()->fast.at = 0;
    idt_set_entry(X86_VEC_PF, fast_pf);
    idt_set_entry(X86_VEC_USER_RETURN, fast_return);
    idt_set_user(X86_VEC_USER_RETURN, true);
}

void fast_end(void)
{
    idt_reset();
}

uint64_t fast_probe(enum probe_kind kind, uint64_t address, uint64_t value)
{
    struct fast_state *fast = &this_cpu()->fast;
    bool fetch = kind == PROBE_fetch;

    fast->at = fetch ? address : probe_address(kind);
    fast->landing = (uintptr_t)(fetch ? probe_landing_called : probe_landing);
    fast->rsp = 0;
    fast->count = 0;
    return probe_call(kind, address, value);
}

uint64_t fast_probe_ring(unsigned cpl, enum probe_kind kind, uint64_t address, uint64_t value,
                         uint64_t program)
{
    struct fast_state *fast = &this_cpu()->fast;
    uint64_t moved = cpl == 3 ? program - (uintptr_t)ring_program : 0;
    uint64_t start = (uintptr_t)programs[kind].start + moved;

    fast->at = (uintptr_t)programs[kind].at + moved;
    if (kind == PROBE_fetch)
        start = fast->at = address;
    fast->landing = (uintptr_t)fast_ring_landing;
    fast->count = 0;
    return fast_ring_enter(start, ring[cpl].cs, ring[cpl].ss, address, value);
}
