/*
 * Every instruction of the call that changes what an exception's frame gets back, in a handler and, where it
 * has to refuse, outside of one.
 */
#include "event_sweep.h"

#define VECTOR_UPDATE 0x91

extern const char trap_stubs[]; /* kernel/trap.asm */
extern const uint64_t trap_stub_size;

static struct {
    unsigned key;
    struct trap_frame *frame; /* to be updated; NULL: the handler's */
    unsigned argument;
    enum pks_rights rights;
    uint32_t left; /* PKRS behind the exception */
    int got, want;
} c;

static void prepare(void)
{
    REQUIRE(pks_mk(c.key, PKS_READONLY) == PKS_OK);
    c.got = 1;
}

static void check(const char *about)
{
    expect_equal(pkrs_read_checked(about), c.left, "%s: PKRS behind the exception", about);
    expect_equal((uint64_t)c.got, (uint64_t)c.want, "%s: result", about);
}

static void raise(void *unused)
{
    (void)unused;
    __asm__ volatile("int %0" : : "i"(VECTOR_UPDATE));
}

static bool update(struct trap_frame *frame)
{
    c.got = pks_update_exception(c.frame ? c.frame : frame, c.argument, c.rights);
    return true;
}

static void update_outside(void *unused)
{
    (void)unused;
    update(NULL);
}

static void sweep(const char *name, unsigned key, enum pks_rights rights, int want)
{
    uint32_t before = pkr_set(PKRS_DEFAULT, c.key, PKS_READONLY);
    struct sweep_way way = {.name = name,
                            .prepare = prepare,
                            .run = raise,
                            .check = check,
                            .value = {{.pkrs = before}, {.pkrs = PKRS_DEFAULT}},
                            .entry = {trap_stubs + VECTOR_UPDATE * trap_stub_size}};

    c.argument = key;
    c.rights = rights;
    c.want = want;
    c.left = way.value[2].pkrs = want == PKS_OK ? pkr_set(before, key, rights) : before;
    sweep_way(&way);
}

static void sweep_outside(void)
{
    struct sweep_way way = {.name = "outside of handlers",
                            .prepare = prepare,
                            .run = update_outside,
                            .check = check,
                            .value = {{.pkrs = c.left}}};

    sweep_way(&way);
}

TEST(event_sweep_update, "An event at every instruction of changing what an exception's frame gets back")
{
    static const struct sweep_path path = {
        .name = "update", .code = {SWEEP_FUNCTION(pks_update_exception)}, .preempt = true};
    struct trap_frame nobodys = {0};
    int key;

    if (!sweep_begin(&path))
        return;
    key = pks_key_alloc("swept");
    REQUIRE(key > 0);
    c.key = (unsigned)key;
    c.frame = NULL;
    trap_set_handler(VECTOR_UPDATE, update);
    sweep("no change", c.key, PKS_READONLY, PKS_OK);
    sweep("read-write", c.key, PKS_READWRITE, PKS_OK);
    sweep("no such rights", c.key, (enum pks_rights)3, PKS_BAD_RIGHTS);
    sweep("key without an owner", c.key + 1, PKS_READWRITE, PKS_BAD_KEY);
    sweep("no such key", X86_PKEYS, PKS_READWRITE, PKS_BAD_KEY);
    c.frame = &nobodys;
    sweep("nobody's frame", c.key, PKS_READWRITE, PKS_BAD_FRAME);
    sweep_outside();
    trap_set_handler(VECTOR_UPDATE, NULL);
    REQUIRE(pks_key_free(c.key) == PKS_OK);
    sweep_end();
}
