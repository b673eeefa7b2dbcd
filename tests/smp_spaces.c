/*
 * Each processor switches to the paging mode of the test, and has guarded stacks of its own in both.
 *
 * CR3 and CR4.LA57 belong to the processor ("Paging Modes and Control Bits"). An address that only 5-level
 * paging translates says whether the bit is in force.
 */
#include "frames.h"
#include "threads.h"

static struct {
    struct keyed page;
    uint64_t cr3, la57;
    struct outcome wide;
} now;

static void look(void *unused)
{
    (void)unused;
    now.cr3 = cr3_read();
    now.la57 = cr4_read() & X86_CR4_LA57;
    now.wide = probe(PROBE_read8, now.page.va, 0);
}

SMP_TEST(smp_paging_mode, "Every processor has the test's paging mode and reads through the test's tables")
{
    uint64_t wide = 1ull << 47; /* not canonical with 4 levels */

    if (!keyed_map(&now.page, 0, 0, LEVEL_4K))
        return;
    *now.page.alias = 0x5af3107a4000ull;
    for (unsigned i = 1; i < smp_count(); i++) {
        smp_call(i, look, NULL);
        expect_equal(now.cr3, space_current()->root, "CR3 of processor %u", i);
        expect_equal(now.la57, test_levels() == 5 ? X86_CR4_LA57 : 0, "CR4.LA57 of processor %u", i);
        expect_outcome(&now.wide, PROBE_read8, FAULT_NONE, 0, "of the page, on processor %u", i);
        expect_equal(now.wide.value, *now.page.alias, "what processor %u read", i);
    }
    now.page.va = wide;
    for (unsigned i = 1; i < smp_count(); i++) {
        smp_call(i, look, NULL);
        expect_equal(now.wide.fault, test_levels() == 5 ? FAULT_PF(0) : FAULT_GP(0),
                     "fault of an address with 48 bits on processor %u", i);
    }
}

static void check_guards(void *block)
{
    const struct percpu *p = block;

    for (unsigned id = 0; id < STACKS; id++) {
        uint64_t last = (uintptr_t)p->stacks[id].body - 8;
        struct outcome o = probe(PROBE_write8, last, 0);

        expect_outcome(&o, PROBE_write8, FAULT_PF(X86_PF_W), last, "below stack %u of processor %u, on %u",
                       id, p->number, cpu_number());
        o = probe(PROBE_read8, last + 8, 0);
        expect_outcome(&o, PROBE_read8, FAULT_NONE, 0, "of the last word of stack %u of processor %u", id,
                       p->number);
    }
}

SMP_TEST(smp_stack_guards, "The page below every stack of every processor is mapped on none")
{
    for (unsigned i = 0; i < smp_count(); i++)
        for (unsigned on = 0; on < smp_count() && on < 4; on++)
            smp_call(on, check_guards, percpu_of(i));
}

static void find_stack(void *top)
{
    *(uint64_t *)top = (uintptr_t)__builtin_frame_address(0);
}

SMP_TEST(smp_stack_own, "No two processors have a stack, an entry stack or an IST stack in common")
{
    for (unsigned i = 0; i < smp_count(); i++) {
        const struct percpu *p = percpu_of(i);
        uint64_t frame = 0, begin = (uintptr_t)p->stacks, end = (uintptr_t)(p->stacks + STACKS);

        smp_call(i, find_stack, &frame);
        if (frame < begin || frame >= end)
            test_fail("processor %u runs on 0x%lx, outside of its stacks", i, frame);
        for (unsigned id = STACK_DF; id < STACK_ENTRY; id++)
            if (p->tss.ist[id - 1] < begin || p->tss.ist[id - 1] >= end)
                test_fail("IST %u of processor %u is 0x%lx", id, i, p->tss.ist[id - 1]);
        expect_equal(p->tss.rsp[0], stack_end(&p->stacks[STACK_ENTRY]), "RSP0 of processor %u", i);
        for (unsigned j = 0; j < i; j++)
            if (percpu_of(j)->stacks < p->stacks + STACKS && p->stacks < percpu_of(j)->stacks + STACKS)
                test_fail("processors %u and %u share stacks", j, i);
    }
}
