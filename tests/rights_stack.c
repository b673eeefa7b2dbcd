/*
 * Instructions that use a stack whose page carries a key. A push is a write and a pop a read like any other,
 * whatever was on the stack before, and when the key denies it, RSP, RBP, the operands and memory are as they
 * were (SDM volume 3, "Protection Keys" and "Program or Task Restart"; volume 2, "PUSH", "POP", "CALL",
 * "RET", "ENTER", "LEAVE"). The page fault itself is delivered on a stack of its own, because the current one
 * is denied to the processor as well: trial.h.
 */
#include "sweep.h"

#define DEPTH   0x800u /* of RSP in the page: there is room, and there are words, on both sides */
#define FRAME   0x40u  /* of RBP above RSP, for LEAVE */
#define OPERAND 0x120u /* offset of a memory operand in its area */

struct stack_use {
    enum probe_kind kind;
    bool push;    /* a write below RSP; otherwise a read at RSP, for LEAVE at RBP */
    bool operand; /* memory at RDI is read, or written by a pop */
};

static const struct stack_use stack_uses[] = {
    {PROBE_push_r, true, false},    {PROBE_push_m, true, true},    {PROBE_pushfq, true, false},
    {PROBE_call_near, true, false}, {PROBE_call_m, true, true},    {PROBE_enter, true, false},
    {PROBE_pop_r, false, false},    {PROBE_pop_m, false, true},    {PROBE_popfq, false, false},
    {PROBE_ret_near, false, false}, {PROBE_ret_imm, false, false}, {PROBE_leave, false, false},
};

/* The machine code's length, which a call pushes the address behind: E8 and four bytes, FF 17. */
static uint64_t return_address(enum probe_kind kind)
{
    return probe_address(kind) + (kind == PROBE_call_near ? 5 : 2);
}

/* What stands in memory first, and where the stack is. */
static void set_up(struct trial *t, const struct stack_use *use, uint64_t rsp, uint64_t operand)
{
    uint64_t landing = probe_registers_landing();
    uint64_t flags = X86_EFLAGS_FIXED | X86_EFLAGS_CF | X86_EFLAGS_SF;

    t->before.rsp = rsp;
    t->before.rbp = use->kind == PROBE_leave ? rsp + FRAME : t->before.rbp;
    t->before.rdi = operand;
    if (use->kind == PROBE_ret_near || use->kind == PROBE_ret_imm)
        areas_set(t->areas, rsp, &landing, sizeof(landing));
    if (use->kind == PROBE_call_m)
        areas_set(t->areas, operand, &landing, sizeof(landing));
    if (use->kind == PROBE_popfq)
        areas_set(t->areas, rsp, &flags, sizeof(flags));
    t->after = t->before;
}

/* What the instruction does. */
static void expect_done(struct trial *t, const struct stack_use *use)
{
    struct registers *r = &t->after;
    uint64_t pushed = 0;
    uint64_t popped = use->push ? 0 : areas_value(t->areas, use->kind == PROBE_leave ? r->rbp : r->rsp, 8);

    r->rsp += use->push ? -8ull : 8;
    switch (use->kind) {
    case PROBE_push_r:
        pushed = r->rax;
        break;
    case PROBE_push_m:
        pushed = areas_value(t->areas, r->rdi, 8);
        break;
    case PROBE_pushfq:
        pushed = r->rflags;
        break;
    case PROBE_enter:
        pushed = r->rbp;
        r->rbp = r->rsp;
        r->rsp -= X86_PROBE_ENTER_FRAME;
        break;
    case PROBE_pop_r:
        r->rax = popped;
        break;
    case PROBE_pop_m:
        areas_expect(t->areas, r->rdi, &popped, sizeof(popped));
        break;
    case PROBE_popfq:
        r->rflags = popped;
        break;
    case PROBE_ret_imm:
        r->rsp += X86_PROBE_RET_RELEASE;
        break;
    case PROBE_leave:
        r->rsp = r->rbp + 8;
        r->rbp = popped;
        break;
    default: /* a call; RET changes no more than RSP, and it has arrived */
        pushed = return_address(use->kind);
        break;
    }
    if (use->push)
        areas_expect(t->areas, t->before.rsp - 8, &pushed, sizeof(pushed));
}

/* The stack is what the key may deny; an operand is not. */
static void check_stack(const struct page_place *place, const void *what)
{
    const struct stack_use *use = what;
    struct trial t = trial_make(place->row->about, use->kind, place->areas, place->machine,
                                use->push ? place->row->write : place->row->read);

    set_up(&t, use, place->areas->area[0].va + DEPTH, areas_open(place->areas) + OPERAND);
    t.cr2 = use->push ? t.before.rsp - 8 : use->kind == PROBE_leave ? t.before.rbp : t.before.rsp;
    if (t.want == FAULT_NONE)
        expect_done(&t, use);
    trial_run(&t);
}

/* The operand is what the key may deny; the stack is not. */
static void check_operand(const struct page_place *place, const void *what)
{
    const struct stack_use *use = what;
    struct trial t = trial_make(place->row->about, use->kind, place->areas, place->machine,
                                use->push ? place->row->read : place->row->write);

    set_up(&t, use, areas_open(place->areas) + DEPTH, place->areas->area[0].va + OPERAND);
    t.cr2 = t.before.rdi;
    if (t.want == FAULT_NONE)
        expect_done(&t, use);
    trial_run(&t);
}

/* RSP stands at the edge of two pages, or four bytes off it, so that the access is on one or on both. */
static void check_edge(const struct pair_place *place, const void *what)
{
    const struct stack_use *use = what;

    for (unsigned off = 0; off <= 8; off += 4) {
        struct trial t = trial_make(place->row->about, use->kind, place->areas, place->machine, FAULT_NONE);
        uint64_t edge = place->areas->area[1].va;

        areas_fill(place->areas);
        set_up(&t, use, use->push ? edge + off : edge - off, areas_open(place->areas) + OPERAND);
        trial_want_pair(&t, place, use->push ? t.before.rsp - 8 : t.before.rsp, 8, use->push);
        if (t.want == FAULT_NONE)
            expect_done(&t, use);
        else if (use->push)
            pair_dirty_open(place);
        trial_run(&t);
    }
}

#define USES (sizeof(stack_uses) / sizeof(stack_uses[0]))

TEST(rights_stack_push, "PUSH, CALL and ENTER on a stack page obey AD and WD, and leave RSP when denied")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    for (unsigned i = 0; i < USES; i++)
        if (stack_uses[i].push)
            sweep_pages(check_stack, &stack_uses[i]);
}

TEST(rights_stack_pop, "POP, RET and LEAVE on a stack page obey AD, and leave RSP when denied")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    for (unsigned i = 0; i < USES; i++)
        if (!stack_uses[i].push)
            sweep_pages(check_stack, &stack_uses[i]);
}

TEST(rights_stack_operand, "A memory operand of PUSH, POP or CALL that is denied leaves RSP and the stack")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    for (unsigned i = 0; i < USES; i++)
        if (stack_uses[i].operand)
            sweep_pages(check_operand, &stack_uses[i]);
}

TEST(rights_stack_edge, "A push or pop next to the edge of two pages, or over it, needs the keys it touches")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    for (unsigned i = 0; i < USES; i++)
        if (stack_uses[i].kind != PROBE_enter && stack_uses[i].kind != PROBE_leave) /* two places each */
            sweep_pairs(check_edge, &stack_uses[i]);
}
