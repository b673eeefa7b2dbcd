/*
 * The allocator: 15 keys, the lowest free one first, one owner each, and a plain refusal for everything else.
 * A processor without PKS is a normal case with an answer of its own. What a key's rights do is in
 * keys_rights.c, what remains of them after the key is freed in keys_reuse.c.
 */
#include "keyed.h"

#include "string.h"

#define KEYS 15

static const char *const owner[KEYS] = {"a", "b", "c", "d", "e", "f", "g", "h",
                                        "i", "j", "k", "l", "m", "n", "o"};

static bool take_all(void)
{
    for (unsigned i = 0; i < KEYS; i++) {
        int key = pks_key_alloc(owner[i]);

        expect_equal((uint64_t)key, i + 1, "allocation %u", i + 1);
        if (key < 0)
            return false;
    }
    return true;
}

TEST(keys_alloc_absent, "Without PKS an allocation says so and nothing else changes")
{
    SKIP_UNLESS(!cpu.pks, "pks is there");
    expect_equal((uint64_t)pks_key_alloc("x"), (uint64_t)PKS_ABSENT, "allocation");
    expect_equal(pks_available(), false, "available");
    expect_equal((uint64_t)pks_mk_readwrite(1), (uint64_t)PKS_BAD_KEY, "rights of key 1");
    expect_equal((uint64_t)pks_key_free(1), (uint64_t)PKS_BAD_KEY, "freeing key 1");
    expect_equal((uint64_t)pks_page_map(window_address(WINDOW_LOW, 0), LEVEL_4K, PAGE_KERNEL_PKEY(1), NULL),
                 (uint64_t)PKS_BAD_KEY, "mapping with key 1");
}

TEST(keys_alloc_all, "Fifteen keys in order, each with its owner, then none left; the lowest free one next")
{
    static const unsigned freed[] = {9, 3, 15};

    SKIP_UNLESS(cpu.pks, "no pks");
    expect_equal(pks_available(), true, "available");
    if (!take_all())
        return;
    expect_equal((uint64_t)pks_key_alloc("loser"), (uint64_t)PKS_EXHAUSTED, "the sixteenth");
    for (unsigned i = 0; i < KEYS; i++)
        if (strcmp(pks_key_owner(i + 1), owner[i]) != 0)
            test_fail("owner of key %u: want %s got %s", i + 1, owner[i], pks_key_owner(i + 1));
    expect_equal(pkrs_read_checked("all allocated"), PKRS_DEFAULT, "PKRS, all allocated");
    for (unsigned i = 0; i < 3; i++)
        expect_equal((uint64_t)pks_key_free(freed[i]), PKS_OK, "freeing %u", freed[i]);
    expect_equal((uint64_t)pks_key_alloc("first"), 3, "lowest free");
    expect_equal((uint64_t)pks_key_alloc("second"), 9, "next");
    expect_equal((uint64_t)pks_key_alloc("third"), 15, "last");
    for (unsigned key = 1; key <= KEYS; key++)
        expect_equal((uint64_t)pks_key_free(key), PKS_OK, "freeing %u", key);
}

/* Nothing may have changed: neither rights nor owners. */
static void check_refused(int result, enum pks_result want, uint32_t pkrs, const char *about)
{
    expect_equal((uint64_t)result, (uint64_t)want, "%s", about);
    expect_equal(pkrs_read_checked(about), pkrs, "PKRS after %s", about);
    if (strcmp(pks_key_owner(1), "owner") != 0)
        test_fail("%s: key 1 has lost its owner", about);
}

TEST(keys_alloc_misuse, "Wrong keys, rights and tokens are refused and change nothing")
{
    static const unsigned bad[] = {0, 2, 15, 16, 17, 31, 32, 33, 255, 0x80000001, 0xffffffff};
    uint32_t open = PKRS_DEFAULT & ~PKR_MASK(1);
    int token;

    SKIP_UNLESS(cpu.pks, "no pks");
    REQUIRE(pks_key_alloc("owner") == 1);
    REQUIRE(pks_mk_readwrite(1) == PKS_OK);
    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        unsigned key = bad[i];

        check_refused(pks_mk_noaccess(key), PKS_BAD_KEY, open, "noaccess");
        check_refused(pks_mk_readonly(key), PKS_BAD_KEY, open, "readonly");
        check_refused(pks_mk_readwrite(key), PKS_BAD_KEY, open, "readwrite");
        check_refused(pks_mk_swap(key, PKS_READWRITE), PKS_BAD_KEY, open, "swap");
        check_refused(pks_mk_restore(key, 0), PKS_BAD_KEY, open, "restore");
        check_refused(pks_key_free(key), PKS_BAD_KEY, open, "free");
        check_refused(pks_abandon(key), PKS_BAD_KEY, open, "abandon");
        check_refused(pks_key_on_fault(key, NULL), PKS_BAD_KEY, open, "on_fault");
    }
    token = pks_mk_swap(1, PKS_READWRITE);
    check_refused(pks_mk_restore(1, PKS_BAD_KEY), PKS_BAD_RIGHTS, open, "a token that is an error");
    check_refused(pks_mk_restore(1, token | 3), PKS_BAD_RIGHTS, open, "a token with AD and WD");
    check_refused(pks_key_alloc_default("x", (enum pks_rights)3), PKS_BAD_RIGHTS, open, "default AD and WD");
    REQUIRE(pks_key_free(1) == PKS_OK);
    expect_equal((uint64_t)pks_key_free(1), (uint64_t)PKS_BAD_KEY, "freeing twice");
    expect_equal(pkrs_read_checked("freed"), PKRS_DEFAULT, "PKRS when all are freed");
}

TEST(keys_alloc_mapped, "A key that tags a mapping cannot be freed, whatever the size of the page")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    for (unsigned level = LEVEL_4K; level <= LEVEL_1G; level++) {
        struct keyed first, second;
        int other = pks_key_alloc("other");

        if (!target_level_exists(level))
            continue;
        if (!keyed_make(&first, level_name(level), 0, level) || !keyed_map(&second, first.key, 1, LEVEL_4K))
            return;
        expect_equal(pks_key_mappings(first.key), 2, "mappings");
        expect_equal((uint64_t)pks_key_free(first.key), (uint64_t)PKS_IN_USE, "two %s mappings",
                     level_name(level));
        REQUIRE(pks_page_unmap(second.va) == PKS_OK);
        expect_equal((uint64_t)pks_key_free(first.key), (uint64_t)PKS_IN_USE, "one %s mapping",
                     level_name(level));
        REQUIRE(pks_page_set_key(first.va, (unsigned)other) == PKS_OK);
        expect_equal((uint64_t)pks_key_free((unsigned)other), (uint64_t)PKS_IN_USE, "moved to it");
        expect_equal((uint64_t)pks_key_free(first.key), PKS_OK, "moved away from it");
        first.key = (unsigned)other;
        keyed_drop(&first);
    }
}
