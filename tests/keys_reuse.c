/*
 * What ended version 6 of the Linux series: a key freed and given to somebody else must bring no rights
 * along, in any place that keeps rights: the current thread, a thread that waits, a frame that is being
 * handled (of this thread and of another one), a section's token, a default. One test for each place; the new
 * owner's page is touched from there.
 */
#include "keyed.h"
#include "thread.h"

/* A thread that opens a key, lets the others run until the key has another owner, and looks. */
struct holder {
    struct keyed keyed;
    volatile bool reused;
    unsigned looks;
};

static void change_owner(struct holder *h)
{
    unsigned key = h->keyed.key;

    keyed_drop(&h->keyed);
    REQUIRE(keyed_make(&h->keyed, "new owner", 0, LEVEL_4K));
    expect_equal(h->keyed.key, key, "the key that was freed is the one given out");
    h->reused = true;
}

static void hold_and_wait(void *argument)
{
    struct holder *h = argument;

    pks_mk_readwrite(h->keyed.key);
    keyed_expect(&h->keyed, PKS_READWRITE, "old owner");
    while (!h->reused)
        thread_yield();
    keyed_expect(&h->keyed, PKS_NOACCESS, "a thread that had the old owner's key open");
    h->looks++;
}

static bool set_up(struct holder *h)
{
    *h = (struct holder){.looks = 0};
    return keyed_make(&h->keyed, "old owner", 0, LEVEL_4K);
}

static void wait_and_drop(struct holder *h, struct thread *thread)
{
    expect_equal(thread_join(thread, NULL), THREAD_RETURNED, "the thread");
    expect_equal(h->looks, 1, "looks");
    keyed_drop(&h->keyed);
}

TEST(keys_reuse_current, "The current thread loses its rights when the key is freed")
{
    struct holder h;

    SKIP_UNLESS(cpu.pks, "no pks");
    if (!set_up(&h))
        return;
    pks_mk_readwrite(h.keyed.key);
    change_owner(&h);
    expect_equal(pkrs_read_checked("key freed"), PKRS_DEFAULT, "PKRS after the key was freed");
    keyed_expect(&h.keyed, PKS_NOACCESS, "whoever freed it");
    keyed_drop(&h.keyed);
}

TEST(keys_reuse_thread, "A waiting thread loses its rights when the key is freed")
{
    struct holder h;
    struct thread *thread;

    SKIP_UNLESS(cpu.pks, "no pks");
    if (!set_up(&h) || !(thread = thread_create("holder", hold_and_wait, &h)))
        return;
    thread_yield();
    change_owner(&h);
    wait_and_drop(&h, thread);
}

static struct holder *handled;

/* In the handler of INT3: the interrupted code had the key open. */
static bool wait_in_handler(struct trap_frame *frame)
{
    expect_equal(pkr_get((uint32_t)frame->pkrs, handled->keyed.key), PKS_READWRITE, "rights in the frame");
    while (!handled->reused)
        thread_yield();
    expect_equal(pkr_get((uint32_t)frame->pkrs, handled->keyed.key), PKS_NOACCESS,
                 "and after the key was freed");
    return true;
}

static void hold_and_trap(void *argument)
{
    struct holder *h = argument;

    pks_mk_readwrite(h->keyed.key);
    __asm__ volatile("int3");
    keyed_expect(&h->keyed, PKS_NOACCESS, "code that was interrupted with the old owner's key open");
    h->looks++;
}

TEST(keys_reuse_frame, "Another thread's frame loses the rights of a key that is freed meanwhile")
{
    struct holder h;
    struct thread *thread;

    SKIP_UNLESS(cpu.pks, "no pks");
    handled = &h;
    trap_set_handler(X86_VEC_BP, wait_in_handler);
    if (!set_up(&h) || !(thread = thread_create("interrupted", hold_and_trap, &h)))
        return;
    thread_yield();
    change_owner(&h);
    wait_and_drop(&h, thread);
    trap_set_handler(X86_VEC_BP, NULL);
}

/* Three handlers deep, the key open in each of the interrupted contexts; the innermost gives it away. */
static bool nest_and_reuse(struct trap_frame *frame)
{
    (void)frame;
    if (thread_depth() < 3) {
        pks_mk_readwrite(handled->keyed.key);
        __asm__ volatile("int3");
        expect_equal(pks_copy, PKRS_DEFAULT, "PKRS of a handler whose nested handler freed its key");
    } else {
        change_owner(handled);
    }
    return true;
}

TEST(keys_reuse_nested,
     "Every frame of nested handlers loses the rights of a key that the innermost one frees")
{
    struct holder h;

    SKIP_UNLESS(cpu.pks, "no pks");
    handled = &h;
    if (!set_up(&h))
        return;
    trap_set_handler(X86_VEC_BP, nest_and_reuse);
    pks_mk_readwrite(h.keyed.key);
    __asm__ volatile("int3");
    keyed_expect(&h.keyed, PKS_NOACCESS, "the outermost interrupted code");
    trap_set_handler(X86_VEC_BP, NULL);
    keyed_drop(&h.keyed);
}

TEST(keys_reuse_token, "A token of the old owner's rights is refused for the new owner's key")
{
    struct holder h;
    int token;

    SKIP_UNLESS(cpu.pks, "no pks");
    if (!set_up(&h))
        return;
    pks_mk_readwrite(h.keyed.key);
    token = pks_mk_swap(h.keyed.key, PKS_NOACCESS);
    change_owner(&h);
    expect_equal((uint64_t)pks_mk_restore(h.keyed.key, token), (uint64_t)PKS_BAD_KEY, "restore");
    keyed_expect(&h.keyed, PKS_NOACCESS, "after the refused token");
    keyed_drop(&h.keyed);
}

static void look_for_default(void *keyed)
{
    keyed_expect(keyed, PKS_NOACCESS, "a thread made after the read-only owner");
}

TEST(keys_reuse_default, "A key's other default ends with its owner")
{
    struct keyed keyed;
    struct thread *thread;
    int key;

    SKIP_UNLESS(cpu.pks, "no pks");
    key = pks_key_alloc_default("read-only", PKS_READONLY);
    REQUIRE(key > 0 && pks_key_free((unsigned)key) == PKS_OK);
    if (!keyed_make(&keyed, "ordinary", 0, LEVEL_4K))
        return;
    expect_equal(pks_default, PKRS_DEFAULT, "the default for handlers");
    keyed_expect(&keyed, PKS_NOACCESS, "current thread");
    thread = thread_create("new", look_for_default, &keyed);
    REQUIRE(thread && thread_join(thread, NULL) == THREAD_RETURNED);
    keyed_drop(&keyed);
}
