/*
 * A string instruction goes on where it was denied: at the fault its registers are preserved "to allow the
 * string operation to be resumed" (SDM volume 2, "REP"; volume 3, "Program or Task Restart"). The handler
 * opens the keys in the frame's PKRS and returns to the same instruction, which has to do the rest, no
 * element twice and none left out. At the fault the frame has to hold the progress so far.
 */
#include "string_case.h"

static struct {
    enum probe_kind kind;
    struct outcome outcome;
    uint64_t rcx, rsi, rdi, rflags;
} seen; /* by the handler, in one run */

static bool open_keys(struct trap_frame *frame)
{
    if (frame->rip != probe_address(seen.kind) || seen.outcome.faults)
        return false; /* a second fault is one too many: the probe has it */
    outcome_record(&seen.outcome, frame);
    seen.rcx = frame->rcx;
    seen.rsi = frame->rsi;
    seen.rdi = frame->rdi;
    seen.rflags = frame->rflags & ~(uint64_t)X86_EFLAGS_RF; /* set in a fault's frame */
    frame->pkrs = 0;
    return true;
}

/* What the handler has to see, which is what the case would end in without it. */
static void forget(void *context)
{
    const struct string_case *c = context;

    seen.outcome = (struct outcome){0};
    seen.kind = c->trial.kind;
}

static void compare(void *context, const struct outcome *o, const struct trial_run *run)
{
    const struct string_case *c = context;

    (void)o;
    if (seen.outcome.fault != c->trial.want)
        test_fail("the handler wants %s got %s; %s", fault_text(c->trial.want).s,
                  fault_text(seen.outcome.fault).s, trial_scene(run));
    TRIAL_EQUAL(run, seen.outcome.faults, c->trial.want != FAULT_NONE, "faults handled");
    if (!seen.outcome.faults)
        return;
    if (seen.outcome.cr2 != c->trial.cr2 && (!c->trial.cr2_or || seen.outcome.cr2 != c->trial.cr2_or))
        test_fail("cr2 in the handler: want 0x%lx got 0x%lx; %s", c->trial.cr2, seen.outcome.cr2,
                  trial_scene(run));
    TRIAL_EQUAL(run, seen.outcome.pkrs, c->trial.machine.pkrs, "pkrs in the frame");
    TRIAL_EQUAL(run, seen.rcx, c->trial.after.rcx, "rcx in the frame");
    TRIAL_EQUAL(run, seen.rsi, c->trial.after.rsi, "rsi in the frame");
    TRIAL_EQUAL(run, seen.rdi, c->trial.after.rdi, "rdi in the frame");
    TRIAL_EQUAL(run, seen.rflags, c->trial.after.rflags, "rflags in the frame");
}

static void check_resume(const struct pair_place *place, const void *what)
{
    const struct string_kind *kind = what;

    for (unsigned down = 0; down < 2; down++) {
        for (unsigned shift = 0; shift < kind->bytes; shift += 3) {
            struct string_case c = string_case(place, kind, down, shift);
            struct trial t = c.trial;

            t.want = FAULT_NONE;
            t.after = c.all;
            t.prepare = forget;
            t.check = compare;
            t.context = &c;
            string_expect(&c, kind, c.done, STRING_ELEMENTS);
            trial_run(&t);
        }
    }
}

static void sweep_resume(const struct string_kind *kind)
{
    SKIP_UNLESS(cpu.pks, "no pks");
    trap_set_handler(X86_VEC_PF, open_keys);
    sweep_pairs(check_resume, kind);
    trap_set_handler(X86_VEC_PF, NULL);
}

TEST(rights_resume_movsb, "REP MOVSB goes on when the handler has opened the key of its destination")
{
    sweep_resume(&string_movsb);
}

TEST(rights_resume_movsq, "REP MOVSQ goes on when the handler has opened the key of its destination")
{
    sweep_resume(&string_movsq);
}

TEST(rights_resume_movsb_source, "REP MOVSB goes on when the handler has opened the key of its source")
{
    sweep_resume(&string_movsb_source);
}

TEST(rights_resume_movsq_source, "REP MOVSQ goes on when the handler has opened the key of its source")
{
    sweep_resume(&string_movsq_source);
}

TEST(rights_resume_stosb, "REP STOSB goes on when the handler has opened the key")
{
    sweep_resume(&string_stosb);
}

TEST(rights_resume_stosq, "REP STOSQ goes on when the handler has opened the key")
{
    sweep_resume(&string_stosq);
}
