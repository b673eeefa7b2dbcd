/*
 * The comparisons that every verdict comes from, tried on observations that are wrong on purpose. A
 * comparison that has lost a field passes everything, and no other test would notice: here each field is
 * changed alone, each time the comparison has to object, and without a change it has to be silent.
 */
#include "access.h"
#include "keyed.h"
#include "trial.h"

#define ERROR_CODE_BITS 16

static void expect_judged(void (*judge)(void *), void *argument, bool objects, const char *about)
{
    enum verdict want = objects ? VERDICT_FAIL : VERDICT_SKIP;
    enum verdict got = test_rehearse(judge, argument);

    if (got != want)
        test_error("%s: the comparison %s", about, objects ? "does not object" : "objects to what is right");
}

static void judge_equal(void *got)
{
    expect_equal(*(const uint64_t *)got, 0, "self_judge");
}

ONCE_TEST(self_judge_equal, "A comparison of two numbers looks at each of 64 bits")
{
    uint64_t got = 0;

    expect_judged(judge_equal, &got, false, "equal numbers");
    for (unsigned bit = 0; bit < 64; bit++) {
        got = 1ull << bit;
        expect_judged(judge_equal, &got, true, "a bit that differs");
    }
}

#define FAULT_ADDRESS 0x1234u

static void judge_outcome(void *outcome)
{
    expect_outcome(outcome, PROBE_write8, FAULT_PF(X86_PF_P | X86_PF_W), FAULT_ADDRESS, "self_judge");
}

/* The same outcome with one field changed: fault (each bit of the code, the vector, none), faults, RIP, CR2.
 */
static const char *spoil_outcome(struct outcome *o, unsigned field)
{
    if (field < ERROR_CODE_BITS) {
        o->fault ^= 1u << field;
        return "error code";
    }
    switch (field - ERROR_CODE_BITS) {
    case 0:
        o->fault = FAULT(X86_VEC_GP, fault_code(o->fault));
        return "vector";
    case 1:
        o->fault = FAULT_NONE;
        return "no fault";
    case 2:
        o->faults++;
        return "number of faults";
    case 3:
        o->rip++;
        return "rip";
    case 4:
        o->cr2++;
        return "cr2";
    default:
        return NULL;
    }
}

ONCE_TEST(self_judge_outcome,
          "The comparison of a probe's outcome looks at vector, error code, number, RIP and CR2")
{
    const struct outcome right = {.fault = FAULT_PF(X86_PF_P | X86_PF_W),
                                  .faults = 1,
                                  .rip = probe_address(PROBE_write8),
                                  .cr2 = FAULT_ADDRESS};
    struct outcome o = right;
    const char *about;

    expect_judged(judge_outcome, &o, false, "outcome");
    for (unsigned field = 0; (about = spoil_outcome(&o, field)); field++) {
        expect_judged(judge_outcome, &o, true, about);
        o = right;
    }
}

struct sight {
    const struct target *target;
    struct machine machine;
    enum access access;
    fault_t want;
    struct access_seen seen;
};

static void judge_access(void *argument)
{
    const struct sight *s = argument;

    access_compare(s->target, s->machine, s->access, 8, s->want, "self_judge", &s->seen);
}

static void expect_objection(struct sight *s, struct access_seen changed, const char *about)
{
    struct access_seen right = s->seen;

    s->seen = changed;
    expect_judged(judge_access, s, true, about);
    s->seen = right;
}

static void judge_all_fields(struct sight *s)
{
    struct access_seen seen;
    const char *about;

    machine_set(s->machine);
    s->seen = access_make(s->target, s->access, 8);
    machine_set(machine_normal());
    expect_judged(judge_access, s, false, "access");
    for (unsigned field = 0; seen = s->seen, s->want && (about = spoil_outcome(&seen.outcome, field));
         field++)
        expect_objection(s, seen, about);
    seen = s->seen;
    seen.memory_after ^= 1ull << 63;
    expect_objection(s, seen, "memory");
    seen = s->seen;
    seen.leaf_after ^= X86_PTE_D;
    expect_objection(s, seen, "D");
    seen = s->seen;
    if (s->want) {
        seen.outcome.pkrs ^= PKR_WD(15);
        expect_objection(s, seen, "pkrs in the frame");
        return;
    }
    seen.leaf_after ^= X86_PTE_A;
    expect_objection(s, seen, "A");
    seen = s->seen;
    seen.outcome.value ^= 1;
    if (s->access == ACCESS_READ)
        expect_objection(s, seen, "value read");
}

TEST(self_judge_access, "The comparison of an access looks at everything that can be seen of it")
{
    struct target t;

    SKIP_UNLESS(cpu.pks, "no pks");
    if (!target_map(&t, LEVEL_4K, WINDOW_LOW, 0, target_page(3)))
        return;
    for (enum access access = ACCESS_READ; access <= ACCESS_WRITE; access++)
        for (unsigned denied = 0; denied < 2; denied++) {
            struct sight s = {.target = &t, .machine = machine_normal(), .access = access};

            s.machine.pkrs = pkr_set(PKRS_DEFAULT, 3, denied ? X86_PKR_AD : 0);
            s.want = !denied ? FAULT_NONE : access == ACCESS_WRITE ? FAULT_KEY_WRITE : FAULT_KEY_READ;
            target_set_leaf(&t, *t.leaf & ~(uint64_t)(X86_PTE_A | X86_PTE_D));
            judge_all_fields(&s);
        }
}

static void judge_trial(void *trial)
{
    trial_run(trial);
}

static void judge_register(struct trial *t, unsigned i)
{
    uint64_t right = t->after.word[i];

    t->after.word[i] ^= 1;
    expect_judged(judge_trial, t, true, "a register of a trial");
    t->after.word[i] = right;
}

TEST(self_judge_trial, "The comparison of a trial looks at fault, address, registers and memory")
{
    struct areas areas;
    struct trial t;
    uint64_t value = 0x0102030405060708;

    SKIP_UNLESS(cpu.pks, "no pks");
    if (!areas_map_page(&areas, LEVEL_4K, WINDOW_LOW, target_page(3)))
        return;
    areas_fill(&areas);
    t = trial_make("self_judge", PROBE_store8, &areas, machine_normal(), FAULT_KEY_WRITE);
    t.before.rdi = t.after.rdi = t.cr2 = areas.area[0].va + 8;
    t.machine.pkrs = PKRS_DEFAULT;
    expect_judged(judge_trial, &t, false, "trial");
    for (unsigned i = 0; i < REGISTER_WORDS; i++)
        judge_register(&t, i);
    for (unsigned bit = 0; bit < ERROR_CODE_BITS; bit++) {
        t.want = FAULT_KEY_WRITE ^ 1u << bit;
        expect_judged(judge_trial, &t, true, "error code of a trial");
    }
    t.want = FAULT_KEY_WRITE;
    t.cr2++;
    expect_judged(judge_trial, &t, true, "cr2 of a trial");
    t.cr2--;
    areas_expect(&areas, t.cr2, &value, sizeof(value));
    expect_judged(judge_trial, &t, true, "memory of a trial");
    areas_unmap(&areas);
}

static struct keyed keyed;

static void judge_keyed(void *rights)
{
    keyed_expect(&keyed, *(const enum pks_rights *)rights, "self_judge");
}

static void judge_copy(void *unused)
{
    (void)unused;
    (void)pkrs_read_checked("self_judge");
}

TEST(self_judge_keyed,
     "The comparison of a key's rights objects to each wrong pair, and to a copy that disagrees")
{
    static const enum pks_rights all[] = {PKS_NOACCESS, PKS_READONLY, PKS_READWRITE};
    uint32_t right;

    SKIP_UNLESS(cpu.pks, "no pks");
    if (!keyed_make(&keyed, "judge", 0, LEVEL_4K))
        return;
    for (unsigned i = 0; i < 9; i++) {
        enum pks_rights claimed = all[i % 3];

        REQUIRE(pks_mk(keyed.key, all[i / 3]) == PKS_OK);
        expect_judged(judge_keyed, &claimed, all[i / 3] != claimed, "rights of a key");
    }
    REQUIRE(pks_mk_noaccess(keyed.key) == PKS_OK);
    right = pks_copy;
    expect_judged(judge_copy, NULL, false, "copy");
    pks_copy ^= PKR_WD(15);
    expect_judged(judge_copy, NULL, true, "copy");
    pks_copy = right;
    keyed_drop(&keyed);
}
