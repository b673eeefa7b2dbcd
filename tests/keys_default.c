/*
 * Keys whose rights are changed for everybody at once: read-only by default, as protected page tables want
 * it, and abandoned, open for good. Everybody is the current thread, one that waits, one that is made later,
 * a handler, and the code that the handler interrupted.
 */
#include "keyed.h"
#include "thread.h"

static struct keyed keyed;
static enum pks_rights wanted;
static volatile bool changed;
static unsigned looks;

static void look(const char *about)
{
    keyed_expect(&keyed, wanted, about);
    looks++;
}

static void wait_and_look(void *unused)
{
    (void)unused;
    while (!changed)
        thread_yield();
    look("a thread that waited");
}

static void just_look(void *unused)
{
    (void)unused;
    look("a thread made afterwards");
}

static void change_everywhere(void)
{
    if (wanted == PKS_READONLY) {
        int key = pks_key_alloc_default("tables", PKS_READONLY);

        REQUIRE(key > 0 && keyed_map(&keyed, (unsigned)key, 0, LEVEL_4K));
    } else {
        REQUIRE(pks_abandon(keyed.key) == PKS_OK);
    }
    changed = true;
}

static bool handler(struct trap_frame *frame)
{
    (void)frame;
    change_everywhere();
    look("the handler that changed it");
    return true;
}

static void run(const char *name, void (*function)(void *))
{
    struct thread *thread = thread_create(name, function, NULL);

    REQUIRE(thread && thread_join(thread, NULL) == THREAD_RETURNED);
}

static void everybody_looks(enum pks_rights rights)
{
    struct thread *waiting;

    wanted = rights;
    changed = false;
    looks = 0;
    waiting = thread_create("waiting", wait_and_look, NULL);
    thread_yield();
    trap_set_handler(X86_VEC_BP, handler);
    __asm__ volatile("int3");
    trap_set_handler(X86_VEC_BP, NULL);
    look("the code that was interrupted");
    REQUIRE(waiting && thread_join(waiting, NULL) == THREAD_RETURNED);
    run("later", just_look);
    expect_equal(looks, 4, "looks");
}

TEST(keys_default_readonly,
     "A key that is read-only by default is so for everybody, and can be opened by one thread")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    everybody_looks(PKS_READONLY);
    pks_mk_readwrite(keyed.key);
    keyed_expect(&keyed, PKS_READWRITE, "the thread that opened it");
    run("other", just_look); /* still read-only */
    pks_mk_noaccess(keyed.key);
    keyed_expect(&keyed, PKS_NOACCESS, "the thread that closed it");
    keyed_drop(&keyed);
}

TEST(keys_default_abandon, "An abandoned key is open for everybody, and nothing closes it but freeing it")
{
    unsigned key;
    int token;

    SKIP_UNLESS(cpu.pks, "no pks");
    if (!keyed_make(&keyed, "abandoned", 0, LEVEL_4K))
        return;
    everybody_looks(PKS_READWRITE);
    expect_equal((uint64_t)pks_mk_noaccess(keyed.key), PKS_OK, "noaccess of an abandoned key");
    expect_equal((uint64_t)pks_mk_readonly(keyed.key), PKS_OK, "readonly of an abandoned key");
    token = pks_mk_swap(keyed.key, PKS_NOACCESS);
    keyed_expect(&keyed, PKS_READWRITE, "after attempts to close it");
    expect_equal((uint64_t)pks_mk_restore(keyed.key, token), PKS_OK, "restore of an abandoned key");
    key = keyed.key;
    keyed_drop(&keyed);
    expect_equal(pkrs_read_checked("freed"), PKRS_DEFAULT, "PKRS after the abandoned key was freed");
    if (!keyed_make(&keyed, "new owner", 0, LEVEL_4K))
        return;
    expect_equal(keyed.key, key, "the key given out again");
    keyed_expect(&keyed, PKS_NOACCESS, "its new owner");
    keyed_drop(&keyed);
}
