/*
 * Every instruction of the calls that change a key for everybody: allocate, free, abandon. Another thread has
 * the key open, in its own rights and in a frame of a handler that it sleeps in; both have to follow.
 */
#include "event_sweep.h"

#define VECTOR_SLEEP 0x91

static struct {
    unsigned key, argument;
    enum pks_rights before, rights;
    struct thread *other;
    bool stop;
    int got, want;
    uint32_t left;       /* PKRS behind the call */
    unsigned taken;      /* keys that have owners before it */
    enum pks_rights all; /* what everybody has for the key behind it */
} c;

static void sleep_in_handler(void *unused)
{
    (void)unused;
    __asm__ volatile("int %0" : : "i"(VECTOR_SLEEP));
}

static bool sleep(struct trap_frame *frame)
{
    (void)frame;
    while (!c.stop)
        thread_yield();
    return true;
}

static void free_all(void)
{
    for (unsigned key = 1; key < X86_PKEYS; key++)
        if (pks_key_owner(key)[0])
            REQUIRE(pks_key_free(key) == PKS_OK);
}

static void prepare_free_key(void)
{
    free_all();
    c.got = 1;
}

static void prepare_some_keys(void)
{
    free_all();
    for (unsigned key = 0; key < c.taken; key++)
        REQUIRE(pks_key_alloc("taken") > 0);
}

static void prepare_no_key(void)
{
    while (pks_key_owner(X86_PKEYS - 1)[0] == '\0')
        REQUIRE(pks_key_alloc("swept") > 0);
}

static void prepare_key(void)
{
    free_all();
    REQUIRE(pks_key_alloc("swept") == (int)c.key);
    REQUIRE(pks_mk(c.key, c.before) == PKS_OK);
    c.other->pkrs = pkr_set(c.other->pkrs, c.key, c.before);
    c.other->frames->frame->pkrs = c.other->pkrs;
    c.got = 1;
}

static void check(const char *about)
{
    expect_equal((uint64_t)c.got, (uint64_t)c.want, "%s: result", about);
    expect_equal(pkrs_read_checked(about), c.left, "%s: PKRS behind the call", about);
    expect_equal(pkr_get(c.other->pkrs, c.key), c.all, "%s: rights of another thread", about);
    expect_equal(pkr_get((uint32_t)c.other->frames->frame->pkrs, c.key), c.all, "%s: rights in its frame",
                 about);
}

static void alloc(void *unused)
{
    (void)unused;
    c.got = pks_key_alloc("swept");
}

static void alloc_default(void *unused)
{
    (void)unused;
    c.got = pks_key_alloc_default("swept", c.rights);
}

static void free_key(void *unused)
{
    (void)unused;
    c.got = pks_key_free(c.argument);
}

static void abandon(void *unused)
{
    (void)unused;
    c.got = pks_abandon(c.argument);
}

static void no_callback(void *unused)
{
    (void)unused;
    c.got = pks_key_on_fault(c.argument, NULL);
}

/* A call that answers `want` and leaves everybody with `all`. */
static void sweep(const char *name, void (*prepare)(void), void (*call)(void *), int want,
                  enum pks_rights before, enum pks_rights all)
{
    struct sweep_way way = {.name = name,
                            .prepare = prepare,
                            .run = call,
                            .check = check,
                            .value = {{.pkrs = pkr_set(PKRS_DEFAULT, c.key, before)}},
                            .other_default = pkr_set(PKRS_DEFAULT, c.key, PKS_READWRITE),
                            .one_run = prepare == prepare_no_key || prepare == prepare_some_keys};

    c.before = before;
    c.want = want;
    c.all = all;
    c.left = pkr_set(PKRS_DEFAULT, c.key, all);
    if (before != all)
        way.value[1].pkrs = c.left;
    sweep_way(&way);
}

static void sweep_allocations(void)
{
    sweep("alloc", prepare_free_key, alloc, (int)c.key, PKS_NOACCESS, PKS_NOACCESS);
    c.rights = PKS_READWRITE;
    sweep("alloc_default", prepare_free_key, alloc_default, (int)c.key, PKS_NOACCESS, PKS_READWRITE);
    c.rights = (enum pks_rights)3;
    sweep("alloc_default, bad rights", prepare_free_key, alloc_default, PKS_BAD_RIGHTS, PKS_NOACCESS,
          PKS_NOACCESS);
    c.rights = PKS_NOACCESS;
    for (c.taken = 1; c.taken < X86_PKEYS - 1; c.taken++) /* compilers unroll the search */
        sweep("alloc_default, some are taken", prepare_some_keys, alloc_default, (int)c.taken + 1,
              PKS_NOACCESS, PKS_NOACCESS);
    sweep("alloc_default, no key left", prepare_no_key, alloc_default, PKS_EXHAUSTED, PKS_NOACCESS,
          PKS_NOACCESS);
    sweep("alloc, no key left", prepare_no_key, alloc, PKS_EXHAUSTED, PKS_NOACCESS, PKS_NOACCESS);
}

static void prepare_nothing(void)
{
    c.got = 1;
}

static void sweep_in_use(void)
{
    struct keyed keyed;

    c.argument = c.key;
    c.before = PKS_READONLY;
    prepare_key();
    REQUIRE(keyed_map(&keyed, c.key, 0, LEVEL_4K));
    sweep("free of a key in use", prepare_nothing, free_key, PKS_IN_USE, PKS_READONLY, PKS_READONLY);
    REQUIRE(pks_page_unmap(keyed.va) == PKS_OK);
}

static void sweep_ends(void)
{
    c.argument = c.key;
    sweep("free", prepare_key, free_key, PKS_OK, PKS_READWRITE, PKS_NOACCESS);
    sweep("free of a closed key", prepare_key, free_key, PKS_OK, PKS_NOACCESS, PKS_NOACCESS);
    sweep("abandon", prepare_key, abandon, PKS_OK, PKS_READONLY, PKS_READWRITE);
    sweep("no callback", prepare_key, no_callback, PKS_OK, PKS_READONLY, PKS_READONLY);
    c.argument = 0;
    sweep("callback of key 0", prepare_key, no_callback, PKS_BAD_KEY, PKS_READONLY, PKS_READONLY);
    c.argument = c.key + 1;
    sweep("free of no key", prepare_key, free_key, PKS_BAD_KEY, PKS_READONLY, PKS_READONLY);
    sweep("abandon of no key", prepare_key, abandon, PKS_BAD_KEY, PKS_READONLY, PKS_READONLY);
    sweep("callback of no key", prepare_key, no_callback, PKS_BAD_KEY, PKS_READONLY, PKS_READONLY);
    c.argument = X86_PKEYS;
    sweep("callback of key 16", prepare_key, no_callback, PKS_BAD_KEY, PKS_READONLY, PKS_READONLY);
    sweep("free of key 16", prepare_key, free_key, PKS_BAD_KEY, PKS_READONLY, PKS_READONLY);
    sweep_in_use();
}

TEST(event_sweep_keys, "An event at every instruction of allocating, freeing and abandoning a key")
{
    static const struct sweep_path path = {.name = "keys",
                                           .code = {SWEEP_FUNCTION(pks_key_alloc),
                                                    {.name = "pks_key_alloc_default",
                                                     .start = pks_key_alloc_default,
                                                     .except = 2,
                                                     .why = "PKS_ABSENT, on a processor that has PKS"},
                                                    SWEEP_FUNCTION(pks_key_free),
                                                    SWEEP_FUNCTION(pks_abandon),
                                                    SWEEP_FUNCTION(pks_key_on_fault),
                                                    SWEEP_FUNCTION(thread_each),
                                                    SWEEP_STATIC("pks_rights_everywhere"),
                                                    SWEEP_STATIC("change_thread"),
                                                    SWEEP_STATIC("allocated")}};

    if (!sweep_begin(&path))
        return;
    c.key = 1;
    c.stop = false;
    trap_set_handler(VECTOR_SLEEP, sleep);
    c.other = thread_create("sleeper", sleep_in_handler, NULL);
    REQUIRE(c.other);
    thread_yield();
    sweep_allocations();
    sweep_ends();
    free_all();
    c.stop = true;
    thread_join(c.other, NULL);
    trap_set_handler(VECTOR_SLEEP, NULL);
    sweep_end();
}
