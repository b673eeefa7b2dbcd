/*
 * FXSAVE, FXRSTOR, XSAVE and XRSTOR: memory operands of hundreds of bytes. Saving is a write and restoring a
 * read of a page like any other (SDM volume 3, "Protection Keys"). XSAVE also reads the header that it
 * changes, so under AD the W bit is open as it is for every unlocked read-modify-write (A3); which byte is
 * accessed first is not said, so CR2 may be any of the operand's on the page that denies. Where its whole
 * operand is denied, a save has written nothing and a restore has loaded nothing; where one page of two is,
 * what was done on the other one before the fault is not said and not compared.
 *
 * IA32_PKRS is in none of these operands: it has no state component (volume 1, "XSAVE-Supported Features and
 * State-Component Bitmaps"), unlike PKRU.
 */
#include "extended.h"
#include "string.h"
#include "sweep.h"

#define OFFSET      0x200u
#define LEGACY      512u     /* bytes of FXSAVE's operand and of XSAVE's legacy region */
#define COMPONENTS  0x2ffull /* of XCR0: what fits on a page, so without AMX's tiles */
#define XMM_BYTES   16u
#define SAVED_FIRST "it was saved 1st"
#define IN_REGISTER "it is in xmm0 now"

/* The instructions, and the bytes of their operand. */
struct saving {
    enum probe_kind save, restore;
    unsigned size;
};

static uint8_t scratch[AREA_SIZE] __attribute__((aligned(64))); /* an operand on key 0 */

/* XMM0 behind a run; before it holds IN_REGISTER. */
static void put(void *want)
{
    (void)want;
    vector_set(IN_REGISTER, XMM_BYTES);
}

static void compare(void *want, const struct outcome *o, const struct trial_run *run)
{
    uint8_t got[XMM_BYTES];

    vector_get(got, XMM_BYTES);
    if (memcmp(got, want, XMM_BYTES) != 0)
        test_fail("xmm0 is not \"%s\" after %s; %s", (const char *)want,
                  o->faults ? "a fault" : "the instruction", trial_scene(run));
}

static void set_operand(struct registers *r, uint64_t va)
{
    r->rdi = va;
    r->rax = COMPONENTS;
    r->rdx = 0;
}

/* Saves to `scratch`, over the bytes that stand there, with the text in XMM0. */
static void save_to_scratch(const struct saving *s, const char *xmm)
{
    struct registers r = trial_registers();

    set_operand(&r, (uintptr_t)scratch);
    vector_set(xmm, XMM_BYTES);
    REQUIRE(probe_registers(s->save, &r).faults == 0);
}

/* `want` and `cr2` are known; the rest of a save. */
static void run_save(struct trial *t, const struct saving *s, uint64_t va)
{
    t->prepare = put;
    t->check = compare;
    t->context = IN_REGISTER;
    set_operand(&t->before, va);
    t->after = t->before;
    if (t->want == FAULT_NONE) {
        for (unsigned i = 0; i < s->size; i++)
            scratch[i] = (uint8_t)areas_value(t->areas, va + i, 1);
        save_to_scratch(s, IN_REGISTER);
        areas_expect(t->areas, va, scratch, s->size);
    }
    trial_run(t);
}

/* And of a restore, from memory that was saved over zeros. */
static void run_restore(struct trial *t, const struct saving *s, uint64_t va)
{
    t->prepare = put;
    t->check = compare;
    t->context = t->want == FAULT_NONE ? SAVED_FIRST : IN_REGISTER;
    set_operand(&t->before, va);
    t->after = t->before;
    memset(scratch, 0, s->size);
    save_to_scratch(s, SAVED_FIRST);
    areas_set(t->areas, va, scratch, s->size);
    if (t->want != FAULT_NONE && t->cr2 != va)
        t->check = NULL; /* XMM0 stands on a page that is not denied */
    trial_run(t);
}

static void check_page(const struct page_place *place, const void *what)
{
    const struct saving *s = what;
    uint64_t va = place->areas->area[0].va + OFFSET;
    struct trial t = trial_make(place->row->about, s->save, place->areas, place->machine, place->row->write);

    t.cr2 = va;
    t.cr2_size = s->size;
    t.code_open = s->size > LEGACY && place->row->read != FAULT_NONE ? X86_PF_W : 0;
    run_save(&t, s, va);
    areas_fill(place->areas);
    t.kind = s->restore;
    t.want = place->row->read;
    t.code_open = 0;
    run_restore(&t, s, va);
}

/* Where a denied operand with half of its legacy region on the first page may be found out. */
static void want_edge(struct trial *t, uint64_t va, unsigned size, unsigned denied)
{
    t->cr2 = denied & FIRST ? va : va + LEGACY / 2;
    t->cr2_or = 0;
    t->cr2_size = denied == FIRST ? LEGACY / 2 : denied == SECOND ? size - LEGACY / 2 : size;
}

static void check_edge(const struct pair_place *place, const void *what)
{
    const struct saving *s = what;
    uint64_t va = place->areas->area[1].va - LEGACY / 2;
    struct trial t = trial_make(place->row->about, s->save, place->areas, place->machine, FAULT_NONE);

    trial_want_pair(&t, place, va, s->size, true);
    want_edge(&t, va, s->size, place->row->write);
    t.code_open = s->size > LEGACY && place->row->read != NEITHER ? X86_PF_W : 0;
    place->areas->area[0].contents_open = t.want != FAULT_NONE && !(place->row->write & FIRST);
    place->areas->area[1].contents_open = t.want != FAULT_NONE && !(place->row->write & SECOND);
    run_save(&t, s, va);
    areas_fill(place->areas);
    t.kind = s->restore;
    trial_want_pair(&t, place, va, s->size, false);
    want_edge(&t, va, s->size, place->row->read);
    t.code_open = 0;
    run_restore(&t, s, va);
}

/* PKRS while saving is another one than while saving again and while restoring. */
static void check_no_pkrs(const struct page_place *place, const void *what)
{
    static uint8_t first[AREA_SIZE];
    const struct saving *s = what;
    uint32_t other = pkr_set(~place->machine.pkrs, 0, 0);
    struct registers r = trial_registers();

    memset(scratch, 0, s->size);
    machine_set(place->machine);
    save_to_scratch(s, SAVED_FIRST);
    memcpy(first, scratch, s->size);
    memset(scratch, 0, s->size);
    msr_write(X86_MSR_IA32_PKRS, other);
    save_to_scratch(s, SAVED_FIRST);
    set_operand(&r, (uintptr_t)scratch);
    REQUIRE(probe_registers(s->restore, &r).faults == 0);
    expect_equal(msr_read(X86_MSR_IA32_PKRS), other, "PKRS after %s", probe_name(s->restore));
    machine_set(machine_normal());
    for (unsigned i = 0; i < s->size; i++)
        expect_equal(scratch[i], first[i], "byte %u of %s under another PKRS", i, probe_name(s->save));
}

static void sweep(bool xsave, page_check *page, pair_check *pair)
{
    struct saving s = {PROBE_fxsave, PROBE_fxrstor, LEGACY};
    uint64_t components = extended_components() & COMPONENTS;
    struct extended was;

    SKIP_UNLESS(cpu.pks, "no pks");
    SKIP_UNLESS(cpuid(X86_CPUID_FEATURES, 0).edx & X86_CPUID_1_EDX_FXSR, "no fxsave");
    SKIP_UNLESS(!xsave || components, "no xsave");
    was = extended_on(xsave ? components : 0);
    if (xsave)
        s = (struct saving){PROBE_xsave, PROBE_xrstor, cpuid(X86_CPUID_XSAVE, 0).ebx};
    REQUIRE(s.size <= AREA_SIZE - OFFSET);
    if (page)
        sweep_pages(page, &s);
    if (pair)
        sweep_pairs(pair, &s);
    extended_off(was);
}

TEST(rights_fxsave, "FXSAVE is a write and FXRSTOR a read of the whole operand's page")
{
    sweep(false, check_page, NULL);
}

TEST(rights_fxsave_edge, "FXSAVE and FXRSTOR on two pages need both keys")
{
    sweep(false, NULL, check_edge);
}

TEST(rights_fxsave_no_pkrs, "PKRS is no part of what FXSAVE writes or FXRSTOR loads")
{
    sweep(false, check_no_pkrs, NULL);
}

TEST(rights_xsave, "XSAVE is a write and XRSTOR a read of the whole operand's page")
{
    sweep(true, check_page, NULL);
}

TEST(rights_xsave_edge, "XSAVE and XRSTOR on two pages need both keys")
{
    sweep(true, NULL, check_edge);
}

TEST(rights_xsave_no_pkrs, "PKRS is no part of what XSAVE writes or XRSTOR loads")
{
    sweep(true, check_no_pkrs, NULL);
}
