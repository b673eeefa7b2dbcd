#include "trial.h"

#include "desc.h"
#include "format.h"

const char *trial_scene(const struct trial_run *run)
{
    static char scene[320];
    const struct trial *t = run->trial;
    size_t used =
        format(scene, sizeof(scene), "%s: %s %s half=%s wp=%u pkrs=%08x", t->about, probe_name(t->kind),
               warmth_name(run->warmth), window_half_name(t->areas->half), t->machine.wp, t->machine.pkrs);

    for (unsigned i = 0; i < t->areas->count && used < sizeof(scene); i++) {
        struct entry e = entry_decode(*t->areas->area[i].leaf, t->areas->area[i].level);
        uint32_t rights = pkr_get(t->machine.pkrs, e.key);

        used += format(scene + used, sizeof(scene) - used, ", page %u at 0x%lx %s key=%u ad=%u wd=%u", i,
                       t->areas->area[i].va, level_name(t->areas->area[i].level), e.key, rights & X86_PKR_AD,
                       rights >> 1);
    }
    return scene;
}

struct registers trial_registers(void)
{
    struct registers r = {.rflags = X86_EFLAGS_FIXED | STATUS_FLAGS, .rsp = stack_top(STACK_ENTRY) - 64};
    for (unsigned i = 0; &r.word[i] != &r.rflags; i++) /* the general ones come first */
        r.word[i] = 0x8101820283038404 + 0x0101010101010101 * i;
    return r;
}

struct trial trial_make(const char *about, enum probe_kind kind, struct areas *areas, struct machine machine,
                        fault_t want)
{
    struct registers r = trial_registers();

    return (struct trial){.about = about,
                          .kind = kind,
                          .areas = areas,
                          .machine = machine,
                          .before = r,
                          .after = r,
                          .want = want};
}

static void check_registers(const struct trial_run *run, const struct registers *got, bool ended)
{
    static const char *const name[REGISTER_WORDS] = {"r15", "r14", "r13", "r12",    "r11", "r10",
                                                     "r9",  "r8",  "rdi", "rsi",    "rbp", "rbx",
                                                     "rdx", "rcx", "rax", "rflags", "rsp"};

    for (unsigned i = 0; i < REGISTER_WORDS; i++) {
        uint64_t open = &got->word[i] == &got->rflags && ended ? run->trial->flags_open : 0;

        TRIAL_EQUAL(run, got->word[i] & ~open, run->trial->after.word[i] & ~open, name[i]);
    }
}

static void check_fault(const struct trial_run *run, const struct outcome *o)
{
    const struct trial *t = run->trial;
    fault_t open = t->want == FAULT_NONE || o->fault == FAULT_NONE ? 0 : t->code_open;
    unsigned size = t->cr2_size ? t->cr2_size : 1;

    if ((o->fault & ~open) != (t->want & ~open))
        test_fail("want %s got %s; %s", fault_text(t->want).s, fault_text(o->fault).s, trial_scene(run));
    TRIAL_EQUAL(run, o->faults, t->want != FAULT_NONE, "number of faults");
    if (!o->faults)
        return;
    TRIAL_EQUAL(run, o->rip, probe_address(t->kind), "rip");
    TRIAL_EQUAL(run, o->pkrs, t->machine.pkrs, "pkrs in the frame");
    if (fault_vector(o->fault) == X86_VEC_PF && o->cr2 - t->cr2 >= size &&
        (!t->cr2_or || o->cr2 != t->cr2_or))
        test_fail("cr2: want 0x%lx (or one of %u bytes, or 0x%lx) got 0x%lx; %s", t->cr2, size, t->cr2_or,
                  o->cr2, trial_scene(run));
}

static struct outcome run_once(const struct trial_run *run)
{
    const struct trial *t = run->trial;
    struct machine open = t->machine;
    struct registers registers = t->before;
    struct outcome o;

    if (run->warmth != COLD) {
        open.pkrs = 0;
        machine_set(open);
    }
    areas_prepare(t->areas, run->warmth);
    if (t->prepare)
        t->prepare(t->context);
    idt_set_stack(X86_VEC_PF, STACK_SPARE);
    machine_set(t->machine);
    o = probe_registers(t->kind, &registers);
    machine_set(machine_normal());
    idt_set_stack(X86_VEC_PF, STACK_NONE);

    check_fault(run, &o);
    check_registers(run, &registers, o.fault == FAULT_NONE);
    if (!areas_check(t->areas, run->warmth, NULL))
        areas_check(t->areas, run->warmth, trial_scene(run));
    if (t->check)
        t->check(t->context, &o, run);
    return o;
}

struct outcome trial_run(const struct trial *trial)
{
    struct outcome cold = {0};

    for (enum warmth warmth = COLD; warmth < WARMTHS; warmth++) {
        struct outcome o = run_once(&(struct trial_run){trial, warmth});

        if (warmth == COLD)
            cold = o;
    }
    return cold;
}
