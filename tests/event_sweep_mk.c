/*
 * Every instruction of the calls that change the current thread's rights: from each right to each, with what
 * they refuse, and with a key that is freed by an interrupt after the call has looked and before it has
 * turned interrupts off. The calls are inline: the functions below are what a user's code compiles to when
 * the key is not a constant.
 */
#include "event_sweep.h"
#include "symbols.h"

static struct {
    unsigned key; /* that is swept */
    unsigned argument;
    enum pks_rights before, rights;
    int token;
    bool valid; /* the token is one of the key's owner, whoever that is */
    int got, want;
    uint32_t left; /* PKRS behind it */
} c;

static __attribute__((noinline)) void call_noaccess(void *unused)
{
    (void)unused;
    c.got = pks_mk_noaccess(c.argument);
}

static __attribute__((noinline)) void call_readonly(void *unused)
{
    (void)unused;
    c.got = pks_mk_readonly(c.argument);
}

static __attribute__((noinline)) void call_readwrite(void *unused)
{
    (void)unused;
    c.got = pks_mk_readwrite(c.argument);
}

static __attribute__((noinline)) void call_swap(void *unused)
{
    (void)unused;
    c.got = pks_mk_swap(c.argument, c.rights);
}

static __attribute__((noinline)) void call_restore(void *unused)
{
    (void)unused;
    c.got = pks_mk_restore(c.argument, c.token);
}

static uint32_t with(enum pks_rights rights)
{
    return pkr_set(PKRS_DEFAULT, c.key, rights);
}

/* The key as it was, allocated again if the last run has lost it. */
static void prepare(void)
{
    if (!pks_key_owner(c.key)[0])
        REQUIRE(pks_key_alloc("swept") == (int)c.key);
    if (c.valid)
        c.token = (int)pks_key_generation(c.key) << 2 | (int)c.rights;
    REQUIRE(pks_mk(c.key, c.before) == PKS_OK);
}

static void check(const char *about)
{
    expect_equal((uint64_t)c.got, (uint64_t)c.want, "%s: result", about);
    expect_equal(pkrs_read_checked(about), c.left, "%s: PKRS behind the call", about);
}

static void free_it(void)
{
    pks_key_free(c.key);
}

/* The CLI of a function. */
static const void *find_cli(const void *function)
{
    for (unsigned i = instruction_number((uintptr_t)function); i < instruction_count; i++)
        if (*(const uint8_t *)(uintptr_t)instruction_at(i) == 0xfa)
            return (const void *)(uintptr_t)instruction_at(i);
    return NULL;
}

static const enum pks_rights all_rights[] = {PKS_NOACCESS, PKS_READONLY, PKS_READWRITE};

/* One call, its result, and the rights that it leaves. */
static void sweep(const char *name, void (*call)(void *), int want, enum pks_rights left)
{
    struct sweep_way way = {.name = name,
                            .prepare = prepare,
                            .run = call,
                            .check = check,
                            .value = {{.pkrs = with(c.before)}},
                            .other_default = with(PKS_READWRITE)}; /* once the key is abandoned */

    c.want = want;
    c.left = with(left);
    if (left != c.before)
        way.value[1].pkrs = c.left;
    sweep_way(&way);
}

/* From each right to the one that the call sets. */
static void sweep_from_all(const char *name, void (*call)(void *))
{
    for (unsigned i = 0; i < 3; i++) {
        c.before = all_rights[i];
        sweep(name, call, PKS_OK, c.rights);
    }
}

/* The key is freed, by what might be an interrupt, behind the call's first look at it. */
static void sweep_freed(const char *name, void (*call)(void *))
{
    struct sweep_way freed = {.name = name,
                              .prepare = prepare,
                              .run = call,
                              .check = check,
                              .value = {{.pkrs = with(c.before)}},
                              .meet = find_cli((const void *)call),
                              .met = free_it};

    if (c.before != PKS_NOACCESS)
        freed.value[1].pkrs = PKRS_DEFAULT;
    c.want = PKS_BAD_KEY;
    c.left = PKRS_DEFAULT;
    sweep_way(&freed);
}

static void begin(void)
{
    int key = pks_key_alloc("swept");

    REQUIRE(key > 0);
    c.key = c.argument = (unsigned)key;
    c.before = PKS_NOACCESS;
    c.valid = false;
}

static void end(void)
{
    prepare();
    REQUIRE(pks_key_free(c.key) == PKS_OK);
    sweep_end();
}

TEST(event_sweep_mk, "An event at every instruction of the calls that set a right")
{
    static const struct sweep_path path = {
        .name = "mk",
        .code = {SWEEP_FUNCTION(call_noaccess), SWEEP_FUNCTION(call_readonly), SWEEP_FUNCTION(call_readwrite),
                 SWEEP_FUNCTION(pks_refused)},
        .preempt = true};
    static const struct {
        const char *name;
        void (*call)(void *);
        enum pks_rights rights;
    } calls[] = {{"noaccess", call_noaccess, PKS_NOACCESS},
                 {"readonly", call_readonly, PKS_READONLY},
                 {"readwrite", call_readwrite, PKS_READWRITE}};

    if (!sweep_begin(&path))
        return;
    begin();
    for (unsigned i = 0; i < 3; i++) {
        c.rights = calls[i].rights;
        sweep_from_all(calls[i].name, calls[i].call);
        c.before = c.rights == PKS_READONLY ? PKS_READWRITE : PKS_READONLY;
        c.argument = c.key + 1;
        sweep("key without an owner", calls[i].call, PKS_BAD_KEY, c.before);
        c.argument = X86_PKEYS;
        sweep("no such key", calls[i].call, PKS_BAD_KEY, c.before);
        c.argument = c.key;
        sweep_freed(calls[i].name, calls[i].call);
    }
    prepare();
    REQUIRE(pks_abandon(c.key) == PKS_OK);
    c.before = PKS_READWRITE;
    for (unsigned i = 0; i < 3; i++)
        sweep(calls[i].name, calls[i].call, PKS_OK, PKS_READWRITE);
    end();
}

TEST(event_sweep_swap, "An event at every instruction of the calls that open and close a section")
{
    static const struct sweep_path path = {.name = "swap",
                                           .code = {SWEEP_FUNCTION(call_swap), SWEEP_FUNCTION(call_restore),
                                                    SWEEP_FUNCTION(pks_refused),
                                                    SWEEP_FUNCTION(pks_key_generation)},
                                           .preempt = true};
    int generation;

    if (!sweep_begin(&path))
        return;
    begin();
    generation = (int)pks_key_generation(c.key) << 2;
    c.token = -1;
    sweep("negative token", call_restore, PKS_BAD_RIGHTS, c.before);
    c.token = generation | PKS_TOKEN_RIGHTS;
    sweep("bad token", call_restore, PKS_BAD_RIGHTS, c.before);
    c.token = generation + 4;
    sweep("token of another owner", call_restore, PKS_BAD_KEY, c.before);
    c.argument = X86_PKEYS;
    sweep("no such key", call_restore, PKS_BAD_KEY, c.before);
    sweep("no such key", call_swap, PKS_BAD_KEY, c.before);
    c.argument = c.key;
    c.valid = true;
    for (unsigned i = 0; i < 3; i++) {
        c.rights = all_rights[i];
        sweep_from_all("restore", call_restore);
        for (unsigned before = 0; before < 3; before++) {
            c.before = all_rights[before];
            sweep("swap", call_swap, generation | (int)c.before, c.rights);
        }
    }
    c.before = PKS_NOACCESS; /* c.rights is PKS_READWRITE */
    sweep_freed("restore", call_restore);
    sweep_freed("swap", call_swap);
    prepare();
    REQUIRE(pks_abandon(c.key) == PKS_OK);
    c.before = PKS_READWRITE;
    c.rights = PKS_NOACCESS;
    sweep("restore of an abandoned key", call_restore, PKS_OK, PKS_READWRITE);
    end();
}
