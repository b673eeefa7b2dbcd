/*
 * The rights of the current thread: each call sets the two bits of one key, in the register, in its copy and
 * in what an access does, and leaves the other fourteen alone; sections nest; the default is a literal.
 */
#include "keyed.h"

#define KEYS 15

static const enum pks_rights all_rights[] = {PKS_NOACCESS, PKS_READONLY, PKS_READWRITE};

static int set(unsigned key, enum pks_rights rights)
{
    return rights == PKS_NOACCESS   ? pks_mk_noaccess(key)
           : rights == PKS_READONLY ? pks_mk_readonly(key)
                                    : pks_mk_readwrite(key);
}

static bool make_all(struct keyed *keyed)
{
    for (unsigned i = 0; i < KEYS; i++)
        if (!keyed_make(&keyed[i], "rights", i, LEVEL_4K))
            return false;
    return true;
}

static void drop_all(struct keyed *keyed)
{
    for (unsigned i = 0; i < KEYS; i++)
        keyed_drop(&keyed[i]);
}

ONCE_TEST(keys_rights_default, "The default rights are 0x55555554, in the register, with no key allocated")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    expect_equal(pkrs_read_checked("default"), 0x55555554, "IA32_PKRS");
    expect_equal(pks_default, 0x55555554, "the value that handlers get");
}

ONCE_TEST(keys_rights_enable, "Enabling writes the register whatever it holds and whatever its copy says")
{
    static const uint32_t garbage[] = {0, 0xffffffff, 0xaaaaaaa8, 0x12345678};

    SKIP_UNLESS(cpu.pks, "no pks");
    for (unsigned i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++) {
        uint64_t cr4 = cr4_read();
        uint32_t got;
        bool ok;

        cr4_write(cr4 & ~(uint64_t)X86_CR4_PKS);
        msr_write(X86_MSR_IA32_PKRS, garbage[i]); /* pks_copy still holds the default */
        ok = pks_enable();
        got = (uint32_t)msr_read(X86_MSR_IA32_PKRS);
        pkrs_write(PKRS_DEFAULT);
        expect_equal(ok, true, "pks_enable() with 0x%x in the register", garbage[i]);
        expect_equal(got, 0x55555554, "IA32_PKRS enabled with 0x%x in it", garbage[i]);
        expect_equal(cr4_read(), cr4, "CR4");
    }
}

TEST(keys_rights_single, "One key: no access, read-only, read-write, with 4 KiB, 2 MiB and 1 GiB pages")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    for (unsigned level = LEVEL_4K; level <= LEVEL_1G; level++) {
        struct keyed keyed;

        if (!target_level_exists(level))
            continue;
        if (!keyed_make(&keyed, level_name(level), 0, level))
            return;
        keyed_expect(&keyed, PKS_NOACCESS, "as allocated");
        for (unsigned i = 0; i < 9; i++) { /* from each to each */
            REQUIRE(set(keyed.key, all_rights[i / 3]) == PKS_OK);
            keyed_expect(&keyed, all_rights[i / 3], level_name(level));
            REQUIRE(set(keyed.key, all_rights[i % 3]) == PKS_OK);
            keyed_expect(&keyed, all_rights[i % 3], level_name(level));
        }
        REQUIRE(pks_mk_noaccess(keyed.key) == PKS_OK);
        keyed_drop(&keyed);
    }
}

TEST(keys_rights_apart,
     "Each right of each key leaves the other fourteen alone, in the register and by access")
{
    struct keyed keyed[KEYS];

    SKIP_UNLESS(cpu.pks, "no pks");
    if (!make_all(keyed))
        return;
    for (unsigned i = 0; i < KEYS; i++)
        for (unsigned r = 0; r < 3; r++) {
            uint32_t want = PKRS_DEFAULT;

            /* the others alternate, so that a change of any of them shows */
            for (unsigned j = 0; j < KEYS; j++) {
                enum pks_rights rights = all_rights[j == i ? r : (j + r) % 3];

                REQUIRE(set(keyed[j].key, rights) == PKS_OK);
                want = pkr_set(want, keyed[j].key, rights);
            }
            for (unsigned again = 0; again < 3; again++) {
                REQUIRE(set(keyed[i].key, all_rights[again]) == PKS_OK);
                want = pkr_set(want, keyed[i].key, all_rights[again]);
                expect_equal(pkrs_read_checked("key changed"), want, "PKRS, key %u rights %u", keyed[i].key,
                             all_rights[again]);
            }
            for (unsigned j = 0; j < KEYS; j++)
                keyed_expect(&keyed[j], (enum pks_rights)pkr_get(want, keyed[j].key),
                             "beside another change");
        }
    for (unsigned i = 0; i < KEYS; i++)
        REQUIRE(pks_mk_noaccess(keyed[i].key) == PKS_OK);
    drop_all(keyed);
}

TEST(keys_rights_nest, "A section returns the rights from before, and restoring them nests")
{
    struct keyed keyed;
    int outer, inner;

    SKIP_UNLESS(cpu.pks, "no pks");
    if (!keyed_make(&keyed, "nest", 0, LEVEL_4K))
        return;
    outer = pks_mk_swap(keyed.key, PKS_READWRITE);
    keyed_expect(&keyed, PKS_READWRITE, "outer section");
    inner = pks_mk_swap(keyed.key, PKS_READONLY);
    keyed_expect(&keyed, PKS_READONLY, "inner section");
    expect_equal((uint64_t)pks_mk_restore(keyed.key, inner), PKS_OK, "end of the inner section");
    keyed_expect(&keyed, PKS_READWRITE, "outer section again");
    expect_equal((uint64_t)pks_mk_restore(keyed.key, outer), PKS_OK, "end of the outer section");
    keyed_expect(&keyed, PKS_NOACCESS, "behind both");
    keyed_drop(&keyed);
}

TEST(keys_rights_live_key, "The key of a live mapping can be changed: the new key decides at the next access")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    for (unsigned level = LEVEL_4K; level <= LEVEL_1G; level++) {
        struct keyed keyed;
        int open = pks_key_alloc("open");

        if (!target_level_exists(level))
            continue;
        if (!keyed_make(&keyed, "closed", 0, level))
            return;
        REQUIRE(pks_mk_readwrite((unsigned)open) == PKS_OK);
        for (unsigned round = 0; round < 3; round++) {
            keyed_expect(&keyed, PKS_NOACCESS, "closed key");
            REQUIRE(pks_page_set_key(keyed.va, (unsigned)open) == PKS_OK);
            keyed_expect(&keyed, PKS_READWRITE, "open key");
            REQUIRE(pks_page_set_key(keyed.va, 0) == PKS_OK);
            keyed_expect(&keyed, PKS_READWRITE, "key 0");
            REQUIRE(pks_page_set_key(keyed.va, keyed.key) == PKS_OK);
        }
        expect_equal((uint64_t)pks_page_set_key(keyed.va, 14), (uint64_t)PKS_BAD_KEY, "a key nobody owns");
        expect_equal((uint64_t)pks_page_set_key(window_address(WINDOW_LOW, 9), 0), (uint64_t)PKS_NOT_MAPPED,
                     "an address without a page");
        keyed_expect(&keyed, PKS_NOACCESS, "after what was refused");
        keyed_drop(&keyed);
        REQUIRE(pks_key_free((unsigned)open) == PKS_OK);
    }
}
