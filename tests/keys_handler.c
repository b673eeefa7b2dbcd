/*
 * What a handler leaves behind: nothing. It changes rights and returns without changing them back, and the
 * interrupted code has to find its own, the default ones included: a way out that writes the register only
 * where the frame differs from the default would leave the handler's key open there.
 */
#include "keyed.h"

static const enum pks_rights all[] = {PKS_NOACCESS, PKS_READONLY, PKS_READWRITE};
static unsigned keys[2];
static enum pks_rights left[2];
static unsigned handled;

static bool leave_rights(struct trap_frame *frame)
{
    (void)frame;
    expect_equal(pkrs_read_checked("handler"), PKRS_DEFAULT, "PKRS that a handler starts with");
    for (unsigned i = 0; i < 2; i++)
        REQUIRE(pks_mk(keys[i], left[i]) == PKS_OK);
    handled++;
    return true;
}

static bool update_only(struct trap_frame *frame)
{
    for (unsigned i = 0; i < 3; i++) {
        expect_equal((uint64_t)pks_update_exception(frame, keys[0], all[i]), PKS_OK, "update");
        expect_equal(pkrs_read_checked("handler"), PKRS_DEFAULT,
                     "PKRS of a handler that has updated its frame");
    }
    handled++;
    return true;
}

/* One of the 81 ways to give two keys rights in two places. */
static void interrupt_once(unsigned way)
{
    uint32_t before;

    REQUIRE(pks_mk(keys[0], all[way % 3]) == PKS_OK && pks_mk(keys[1], all[way / 3 % 3]) == PKS_OK);
    left[0] = all[way / 9 % 3];
    left[1] = all[way / 27];
    before = pkrs_read_checked("before");
    handled = 0;
    __asm__ volatile("int3");
    expect_equal(handled, 1, "INT3 handled");
    expect_equal(pkrs_read_checked("behind the handler"), before, "PKRS behind a handler that left %u and %u",
                 left[0], left[1]);
}

static bool take_keys(void)
{
    for (unsigned i = 0; i < 2; i++) {
        int key = pks_key_alloc("handler");

        REQUIRE(key > 0);
        if (key < 0)
            return false;
        keys[i] = (unsigned)key;
    }
    return true;
}

static void give_keys_back(void)
{
    for (unsigned i = 0; i < 2; i++)
        REQUIRE(pks_key_free(keys[i]) == PKS_OK);
}

TEST(keys_handler_leaves,
     "Whatever a handler leaves open or closed is undone, whatever the interrupted code had")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    if (!take_keys())
        return;
    trap_set_handler(X86_VEC_BP, leave_rights);
    for (unsigned way = 0; way < 81; way++)
        interrupt_once(way);
    trap_set_handler(X86_VEC_BP, NULL);
    give_keys_back();
}

TEST(keys_handler_update, "An update of the interrupted rights leaves the handler's own alone")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    if (!take_keys())
        return;
    trap_set_handler(X86_VEC_BP, update_only);
    handled = 0;
    __asm__ volatile("int3");
    trap_set_handler(X86_VEC_BP, NULL);
    expect_equal(handled, 1, "INT3 handled");
    expect_equal(pkrs_read_checked("behind the handler"), pkr_set(PKRS_DEFAULT, keys[0], all[2]),
                 "PKRS behind the handler");
    give_keys_back();
}
