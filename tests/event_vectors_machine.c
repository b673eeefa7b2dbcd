/*
 * Exceptions that need the machine prepared: control bits, floating-point state, a broken gate or TSS, a
 * breakpoint (SDM volume 3, "Exception and Interrupt Reference"; for #DF "Conditions for Generating a Double
 * Fault": a #PF whose gate is not present; for #TS: an IST pointer beyond the limit of the TSS). The handler
 * puts the machine back before it does anything else.
 */
#include "desc.h"
#include "event_test.h"
#include "step.h"

EVENT_LABELS(nop);
EVENT_LABELS(nm);
EVENT_LABELS(mf);
EVENT_LABELS(xm);
EVENT_LABELS(ac);
EVENT_LABELS(cp);
EVENT_LABELS(gp_int);
EVENT_LABELS(pf_absent);
extern const char event_mf[], event_xm[], event_cp[], event_cp_target[];

#define IST7_OFFSET 84u /* of its pointer in the TSS */
#define IST7        7u

static void break_at(const struct event *e)
{
    step_break(event_address(e->at));
}

EVENT_TEST(db_breakpoint, "#DB by an execution breakpoint", EVENT_PLACE(nop), .vector = X86_VEC_DB,
           .modes = EVENT_64, .set_up = break_at, .undo = step_break_end)

static void set_ts(const struct event *e)
{
    (void)e;
    cr0_write(cr0_read() | X86_CR0_TS);
}

static void clear_ts(void)
{
    cr0_write(cr0_read() & ~(uint64_t)X86_CR0_TS);
}

EVENT_TEST(nm, "#NM by an x87 instruction with CR0.TS set", EVENT_PLACE(nm), .vector = X86_VEC_NM,
           .modes = EVENT_64, .set_up = set_ts, .undo = clear_ts)

static void clear_x87(void)
{
    __asm__ volatile("fnclex; fninit");
}

EVENT_TEST(mf, "#MF by an x87 exception that was pending", .start = event_mf, EVENT_PLACE(mf),
           .vector = X86_VEC_MF, .modes = EVENT_64, .undo = clear_x87)

static void set_sse(const struct event *e)
{
    (void)e;
    cr4_write(cr4_read() | X86_CR4_OSFXSR | X86_CR4_OSXMMEXCPT);
}

static void clear_sse(void)
{
    static const uint32_t reset = 0x1f80;

    if (cr4_read() & X86_CR4_OSFXSR)
        __asm__ volatile("xorps %%xmm0, %%xmm0; ldmxcsr %0" : : "m"(reset));
    cr4_write(cr4_read() & ~(uint64_t)(X86_CR4_OSFXSR | X86_CR4_OSXMMEXCPT));
}

EVENT_TEST(xm, "#XM by an SSE division by zero", .start = event_xm, EVENT_PLACE(xm), .vector = X86_VEC_XM,
           .modes = EVENT_64, .set_up = set_sse, .undo = clear_sse)

static void set_am(const struct event *e)
{
    (void)e;
    cr0_write(cr0_read() | X86_CR0_AM);
}

static void clear_am(void)
{
    cr0_write(cr0_read() & ~(uint64_t)X86_CR0_AM);
}

EVENT_TEST(ac, "#AC by a misaligned access at CPL 3", EVENT_PLACE(ac), .vector = X86_VEC_AC,
           .modes = EVENT_CPL3, .flags = X86_EFLAGS_AC, .set_up = set_am, .undo = clear_am)

static void remove_pf(const struct event *e)
{
    (void)e;
    idt_set_present(X86_VEC_PF, false);
}

static void restore_pf(void)
{
    idt_set_present(X86_VEC_PF, true);
}

EVENT_TEST(df, "#DF by a #PF whose gate is not present; RIP is undefined", EVENT_PLACE(pf_absent),
           .vector = X86_VEC_DF, .modes = EVENT_64, .set_up = remove_pf, .undo = restore_pf, .rip_open = true)

static void shorten_tss(const struct event *e)
{
    static uint8_t tss[TSS_SIZE] __attribute__((aligned(16)));

    (void)e;
    tss_load(tss, (uintptr_t)tss, IST7_OFFSET);
    idt_set_user(X86_VEC_EVENT_CLOSED, true);
    idt_set_ist(X86_VEC_EVENT_CLOSED, IST7);
}

static void restore_tss(void)
{
    tss_restore();
    idt_set_user(X86_VEC_EVENT_CLOSED, false);
    idt_set_ist(X86_VEC_EVENT_CLOSED, STACK_NONE);
}

EVENT_TEST(ts, "#TS by a gate whose IST pointer is beyond the limit of the TSS", EVENT_PLACE(gp_int),
           .vector = X86_VEC_TS, .modes = EVENT_64, .code = X86_SEG_TEST_TSS, .set_up = shorten_tss,
           .undo = restore_tss)

static void track_branches(const struct event *e)
{
    *(uint64_t *)event_copy(event_cp_target) = event_address(e->at);
    cr4_write(cr4_read() | X86_CR4_CET);
    msr_write(X86_MSR_U_CET, X86_CET_ENDBR_EN);
}

static void track_no_branches(void)
{
    if (!(cr4_read() & X86_CR4_CET))
        return;
    msr_write(X86_MSR_U_CET, 0);
    cr4_write(cr4_read() & ~(uint64_t)X86_CR4_CET);
}

TEST(event_vector_cp, "#CP by an indirect jump at CPL 3 to what is not ENDBR64")
{
    static const struct event event = {.about = "cp",
                                       .start = event_cp,
                                       EVENT_PLACE(cp),
                                       .vector = X86_VEC_CP,
                                       .modes = EVENT_CPL3,
                                       .code = X86_CP_ENDBRANCH,
                                       .set_up = track_branches,
                                       .undo = track_no_branches};

    SKIP_UNLESS(cpuid(X86_CPUID_EXTENDED_FEATURES, 0).edx & X86_CPUID_7_EDX_IBT, "no ibt");
    event_check(&event);
}
