/*
 * Every instruction of the way through the dispatcher: a page fault that a key's callback relaxes, one that
 * the relaxed mode lets pass, one that the copy routine survives; and of the call that changes what an
 * exception's frame gets back, with everything that it refuses.
 */
#include "copy.h"
#include "escape.h"
#include "event_sweep.h"
#include "schedule.h"

extern const char trap_stubs[], trap_common[], trap_common_end[]; /* kernel/trap.asm */
extern const uint64_t trap_stub_size;
extern const char copy_landing[]; /* kernel/copy.asm */

static struct {
    struct keyed keyed;
    unsigned other; /* a key that the interrupted code has open */
    enum pks_rights before, after;
    int got, want;
    uint64_t from; /* of the copy */
    struct thread *thread;
    void (*deadly)(void *); /* what it does */
    bool one_run;
} c;

static uint32_t with(enum pks_rights rights)
{
    return pkr_set(pkr_set(PKRS_DEFAULT, c.other, PKS_READWRITE), c.keyed.key, rights);
}

static void prepare(void)
{
    REQUIRE(pks_mk(c.other, PKS_READWRITE) == PKS_OK);
    REQUIRE(pks_mk(c.keyed.key, c.before) == PKS_OK);
    c.got = 1;
}

static void check(const char *about)
{
    expect_equal(pkrs_read_checked(about), with(c.after), "%s: PKRS behind the event", about);
    expect_equal((uint64_t)c.got, (uint64_t)c.want, "%s: result", about);
}

static void read_page(void *unused)
{
    (void)unused;
    c.got = (int)*c.keyed.memory;
}

static void write_page(void *unused)
{
    (void)unused;
    *c.keyed.memory = 77;
    c.got = 77;
}

static void copy_page(void *unused)
{
    uint64_t here;

    (void)unused;
    c.got = (int)copy_checked(&here, (const void *)c.from, sizeof(here));
}

/* The way of a test that breaks: unplanned, but not reported. */
static void break_off(void *unused)
{
    struct escape outer = escape_test;

    (void)unused;
    thread_current->may_die = true;
    c.got = escape_call(&escape_test, read_page, NULL);
    thread_current->may_die = false;
    escape_test = outer;
}

static bool decline(struct trap_frame *frame)
{
    (void)frame;
    return false;
}

static bool relax(struct trap_frame *frame, const struct pks_fault *fault)
{
    return pks_update_exception(frame, fault->key, PKS_READWRITE) == PKS_OK;
}

/* Enough for a read, not for a write. */
static bool relax_little(struct trap_frame *frame, const struct pks_fault *fault)
{
    return pks_update_exception(frame, fault->key, PKS_READONLY) == PKS_OK;
}

static bool move_on(struct trap_frame *frame, const struct pks_fault *fault)
{
    (void)fault;
    frame->rip = (uintptr_t)copy_landing;
    return true;
}

/* Three callbacks that their thread dies of. */
static bool relax_nothing(struct trap_frame *frame, const struct pks_fault *fault)
{
    (void)frame;
    (void)fault;
    return true;
}

static bool give_up(struct trap_frame *frame, const struct pks_fault *fault)
{
    (void)frame;
    (void)fault;
    return false;
}

static bool touch(struct trap_frame *frame, const struct pks_fault *fault)
{
    (void)frame;
    return *(const volatile uint64_t *)fault->va;
}

static void sweep(const char *name, void (*run)(void *), enum pks_rights after, int want)
{
    struct sweep_way way = {
        .name = name,
        .prepare = prepare,
        .run = run,
        .check = check,
        .value = {{.pkrs = with(c.before)}, {.pkrs = PKRS_DEFAULT}, {.pkrs = with(after)}},
        .entry = {trap_stubs + X86_VEC_PF * trap_stub_size},
        .one_run = c.one_run};

    c.after = after;
    c.want = want;
    sweep_way(&way);
}

static void prepare_thread(void)
{
    prepare();
    c.thread = thread_create("to die", c.deadly, NULL);
    REQUIRE(c.thread == &threads[1]);
    c.thread->may_die = true;
}

static void join(void *unused)
{
    (void)unused;
    c.got = (int)thread_join(c.thread, NULL);
}

/* A thread that dies of its fault. */
static void sweep_death(const char *name, void (*deadly)(void *), pks_callback *callback)
{
    struct sweep_way way = {.name = name,
                            .prepare = prepare_thread,
                            .run = join,
                            .check = check,
                            .value = {{with(c.before), thread_current},
                                      {PKRS_DEFAULT, &threads[1]},
                                      {with(c.before), thread_current}},
                            .entry = {trap_stubs + X86_VEC_PF * trap_stub_size}};

    c.after = c.before;
    c.want = THREAD_DIED;
    c.deadly = deadly;
    REQUIRE(pks_key_on_fault(c.keyed.key, callback) == PKS_OK);
    sweep_way(&way);
    REQUIRE(pks_key_on_fault(c.keyed.key, NULL) == PKS_OK);
}

static bool begin(void)
{
    int other = pks_key_alloc("interrupted");

    REQUIRE(other > 0);
    c.other = (unsigned)other;
    c.before = PKS_NOACCESS;
    return keyed_make(&c.keyed, "swept", 0, LEVEL_4K);
}

static void end(void)
{
    REQUIRE(pks_key_free(c.other) == PKS_OK);
    keyed_drop(&c.keyed);
    sweep_end();
}

TEST(event_sweep_fault, "An event at every instruction of a fault that is relaxed, or survived")
{
    static const struct sweep_path path = {
        .name = "fault",
        .code = {SWEEP_ASM(trap_common, trap_common_end),
                 SWEEP_FUNCTION(trap_dispatch),
                 SWEEP_STATIC("take_event"),
                 SWEEP_FUNCTION(copy_take),
                 SWEEP_STATIC("pks_fault_callback"),
                 {.name = "pks_fault_relax",
                  .except = 16,
                  .why = "inlined: a frame that is not the innermost, a key without an owner"},
                 SWEEP_STATIC("pks_fault_describe"),
                 SWEEP_STATIC("still_denied")}};

    if (!sweep_begin(&path) || !begin())
        return;
    *c.keyed.alias = 77;
    REQUIRE(pks_key_on_fault(c.keyed.key, relax) == PKS_OK);
    sweep("callback", read_page, PKS_READWRITE, 77);
    REQUIRE(pks_key_on_fault(c.keyed.key, relax_little) == PKS_OK);
    sweep("callback that opens for reading", read_page, PKS_READONLY, 77);
    c.from = c.keyed.va;
    REQUIRE(pks_key_on_fault(c.keyed.key, move_on) == PKS_OK);
    sweep("callback that moves on", copy_page, PKS_NOACCESS, sizeof(uint64_t));
    REQUIRE(pks_key_on_fault(c.keyed.key, relax) == PKS_OK);
    c.before = PKS_READONLY;
    sweep("callback of a write", write_page, PKS_READWRITE, 77);
    c.before = PKS_NOACCESS;
    REQUIRE(pks_key_on_fault(c.keyed.key, NULL) == PKS_OK);
    sweep("copy", copy_page, PKS_NOACCESS, sizeof(uint64_t));
    c.from = window_address(WINDOW_LOW, 1);
    trap_set_handler(X86_VEC_PF, decline);
    sweep("copy of no page", copy_page, PKS_NOACCESS, sizeof(uint64_t));
    trap_set_handler(X86_VEC_PF, NULL);
    sweep_death("death by a callback that relaxes nothing", read_page, relax_nothing);
    sweep_death("death by a callback that relaxes too little", write_page, relax_little);
    sweep_death("death by a callback that gives up", read_page, give_up);
    sweep_death("death by a callback that faults", read_page, touch);
    sweep_death("death by nobody", read_page, NULL);
    sweep("abandoned test", break_off, PKS_NOACCESS, true);
    pks_set_mode(PKS_RELAXED);
    c.one_run = true; /* it warns once */
    sweep("relaxed mode, the first time", read_page, PKS_READWRITE, 77);
    c.one_run = false;
    sweep("relaxed mode", read_page, PKS_READWRITE, 77);
    pks_set_mode(PKS_STRICT);
    end();
}
