/*
 * Every instruction of the way into a handler and out of it: by INT, by an interrupt of the APIC, nested, and
 * on stacks of their own. Breakpoints on the entry stubs make single-stepping go on where event delivery has
 * ended it.
 */
#include "apic.h"
#include "event_sweep.h"
#include "ist.h"

#define VECTOR_OUTER 0x91
#define VECTOR_INNER 0x92

extern const char trap_stubs[], trap_common[], trap_common_end[]; /* kernel/trap.asm */
extern const uint64_t trap_stub_size;
extern const char *const trap_ist_entry[];

static struct {
    unsigned key;
    enum pks_rights before;
} c;

static uint32_t with(enum pks_rights rights)
{
    return pkr_set(PKRS_DEFAULT, c.key, rights);
}

static void prepare(void)
{
    REQUIRE(pks_mk(c.key, c.before) == PKS_OK);
}

static void check(const char *about)
{
    expect_equal(pkrs_read_checked(about), with(c.before), "%s: PKRS behind the event", about);
}

#define RAISE(name, vector)                                                                                  \
    static void raise_##name(void *unused)                                                                   \
    {                                                                                                        \
        (void)unused;                                                                                        \
        __asm__ volatile("int %0" : : "i"(vector));                                                          \
    }
RAISE(outer, VECTOR_OUTER)
RAISE(inner, VECTOR_INNER)
RAISE(nmi, X86_VEC_NMI)
RAISE(mc, X86_VEC_MC)

/* The interrupt waits until the flags are loaded, and comes behind the instruction after that. */
static void raise_ipi(void *unused)
{
    (void)unused;
    apic_send_self(X86_VEC_SELF);
    irq_enable();
    __asm__ volatile("nop; nop");
    irq_disable();
}

static bool return_at_once(struct trap_frame *frame)
{
    (void)frame;
    return true;
}

static void end_of_interrupt(struct trap_frame *frame)
{
    (void)frame;
}

static bool open_own(struct trap_frame *frame)
{
    (void)frame;
    return pks_mk_readwrite(c.key) == PKS_OK;
}

static bool nest(struct trap_frame *frame)
{
    open_own(frame);
    raise_inner(NULL);
    return true;
}

static const char *stub(unsigned vector)
{
    return trap_stubs + vector * trap_stub_size;
}

/* An event that is raised with some rights; what PKRS is in its handler, one value after another, 0 at the
 * end. */
static void sweep(const char *name, enum pks_rights before, void (*raise)(void *), const char *entry,
                  const uint32_t inside[])
{
    struct sweep_way way = {
        .name = name, .prepare = prepare, .run = raise, .check = check, .entry = {entry, stub(VECTOR_INNER)}};
    struct sweep_value *value = way.value;

    c.before = before;
    value->pkrs = with(before);
    for (; *inside; inside++)
        if (*inside != value->pkrs)
            (++value)->pkrs = *inside;
    if (with(before) != value->pkrs)
        (++value)->pkrs = with(before);
    sweep_way(&way);
}

static void sweep_int(const char *name, trap_handler *handler, const uint32_t inside[])
{
    static const enum pks_rights all_rights[] = {PKS_NOACCESS, PKS_READONLY, PKS_READWRITE};

    trap_set_handler(VECTOR_OUTER, handler);
    for (unsigned i = 0; i < 3; i++)
        sweep(name, all_rights[i], raise_outer, stub(VECTOR_OUTER), inside);
    trap_set_handler(VECTOR_OUTER, NULL);
}

static const uint32_t only_default[] = {PKRS_DEFAULT, 0};

static void begin(void)
{
    int key = pks_key_alloc("swept");

    REQUIRE(key > 0);
    c.key = (unsigned)key;
}

static void end(void)
{
    REQUIRE(pks_mk_noaccess(c.key) == PKS_OK);
    REQUIRE(pks_key_free(c.key) == PKS_OK);
    sweep_end();
}

TEST(event_sweep_trap, "An event at every instruction of an exception's entry and exit")
{
    const struct sweep_path path = {
        .name = "trap",
        .code = {SWEEP_ASM(trap_common, trap_common_end),
                 {.name = "stub", .start = stub(VECTOR_OUTER), .end = stub(VECTOR_INNER + 1)}},
        .preempt = true};

    if (!sweep_begin(&path))
        return;
    begin();
    trap_set_handler(VECTOR_INNER, return_at_once);
    sweep_int("INT", return_at_once, only_default);
    sweep_int("INT, the handler opens a key", open_own, (uint32_t[]){PKRS_DEFAULT, with(PKS_READWRITE), 0});
    sweep_int("INT, and another one in its handler", nest,
              (uint32_t[]){PKRS_DEFAULT, with(PKS_READWRITE), PKRS_DEFAULT, with(PKS_READWRITE), 0});
    trap_set_handler(VECTOR_INNER, NULL);
    end();
}

TEST(event_sweep_interrupt, "An event at every instruction of an interrupt's entry and exit")
{
    const struct sweep_path path = {
        .name = "interrupt",
        .code = {SWEEP_ASM(trap_common, trap_common_end),
                 {.name = "stub", .start = stub(X86_VEC_SELF), .end = stub(X86_VEC_SELF + 1)}}};

    if (!sweep_begin(&path))
        return;
    begin();
    apic_set_handler(X86_VEC_SELF, end_of_interrupt);
    sweep("interrupt, open", PKS_READWRITE, raise_ipi, stub(X86_VEC_SELF), only_default);
    sweep("interrupt, closed", PKS_NOACCESS, raise_ipi, stub(X86_VEC_SELF), only_default);
    apic_set_handler(X86_VEC_SELF, NULL);
    end();
}

TEST(event_sweep_ist, "An event at every instruction of the entry and exit of NMI and #MC, an NMI included")
{
    const struct sweep_path path = {
        .name = "ist",
        .code = {{.name = "nmi", .start = trap_ist_entry[X86_IST_NMI], .end = trap_ist_entry[X86_IST_MC]},
                 {.name = "mc", .start = trap_ist_entry[X86_IST_MC], .end = trap_ist_entry[X86_IST_DB]}}};

    if (!sweep_begin(&path))
        return;
    begin();
    trap_set_handler(X86_VEC_MC, return_at_once);
    sweep("#MC", PKS_READWRITE, raise_mc, trap_ist_entry[X86_IST_MC], only_default);
    sweep("#MC, closed", PKS_NOACCESS, raise_mc, trap_ist_entry[X86_IST_MC], only_default);
    trap_set_handler(X86_VEC_MC, NULL);
    sweep("NMI", PKS_READWRITE, raise_nmi, trap_ist_entry[X86_IST_NMI], only_default);
    sweep("NMI, closed", PKS_NOACCESS, raise_nmi, trap_ist_entry[X86_IST_NMI], only_default);
    end();
}
