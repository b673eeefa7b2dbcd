/*
 * A register probe shows all registers as the instruction, or its fault, left them; also while another one
 * runs inside the handler of its fault. No protection key is needed: the fault is an address that is not
 * mapped.
 */
#include "trial.h"

#define NOWHERE (window_address(WINDOW_LOW, 3) + 0x123)

/* How many registers are not the same in both. */
static unsigned differences(const struct registers *a, const struct registers *b)
{
    unsigned count = 0;

    for (unsigned i = 0; i < REGISTER_WORDS; i++)
        count += a->word[i] != b->word[i];
    return count;
}

TEST(self_register_probe, "A register probe sets every register, and shows what the instruction made of them")
{
    uint64_t words[4] = {1, 2, 3, 4};
    struct registers before = trial_registers(), r;
    struct outcome o;

    before.rsp = (uintptr_t)&words[1];
    before.rdi = (uintptr_t)&words[3];
    r = before;
    o = probe_registers(PROBE_pop_r, &r);
    expect_equal(o.faults, 0, "faults of POP");
    expect_equal(r.rax, words[1], "rax after POP");
    expect_equal(r.rsp, before.rsp + 8, "rsp after POP");
    expect_equal(differences(&r, &before), 2, "registers that POP changed");
    for (unsigned i = 0; i < REGISTER_WORDS; i++) { /* each is seen to be changed, and to stay */
        before.word[i] ^= &before.word[i] == &before.rflags ? X86_EFLAGS_CF : 8;
        r = before;
        o = probe_registers(PROBE_prefetcht0, &r);
        expect_equal(differences(&r, &before), 0, "registers changed by nothing, %u", i);
    }
    r.rflags |= X86_EFLAGS_DF;
    r.rdi = NOWHERE;
    r.rsp = trial_registers().rsp; /* the fault is pushed there */
    before = r;
    o = probe_registers(PROBE_load8, &r);
    expect_outcome(&o, PROBE_load8, FAULT_PF(0), NOWHERE, "of an address that is not mapped");
    expect_equal(differences(&r, &before), 0, "registers changed by a fault");
    o = probe(PROBE_read8, (uintptr_t)&words[2], 0);
    expect_equal(o.value, words[2], "what a plain probe reads afterwards");
}

static struct outcome inner;
static struct registers inner_registers;

static bool probe_inside(struct trap_frame *frame)
{
    (void)frame;
    trap_set_handler(X86_VEC_PF, NULL); /* the next fault is the inner probe's own */
    inner_registers = trial_registers();
    inner_registers.rdi = NOWHERE + 8;
    inner_registers.rsp -= 0x800; /* below what the outer one's fault has pushed */
    inner = probe_registers(PROBE_store8, &inner_registers);
    return false; /* the outer fault is the outer probe's */
}

TEST(self_register_probe_nested,
     "A register probe inside the handler of another one's fault disturbs neither")
{
    struct registers before = trial_registers(), r;
    struct outcome o;

    before.rdi = NOWHERE;
    r = before;
    trap_set_handler(X86_VEC_PF, probe_inside);
    o = probe_registers(PROBE_load4, &r);
    expect_outcome(&o, PROBE_load4, FAULT_PF(0), NOWHERE, "with a probe inside its handler");
    expect_equal(differences(&r, &before), 0, "registers of the outer probe changed");
    expect_outcome(&inner, PROBE_store8, FAULT_PF(X86_PF_W), NOWHERE + 8, "inside a handler");
    before.rdi += 8;
    before.rsp -= 0x800;
    expect_equal(differences(&inner_registers, &before), 0, "registers of the inner probe changed");
}
