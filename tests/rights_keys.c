/*
 * What one key's two bits decide, for each of the keys 1 to 15 (key 0 carries the kernel itself): AD denies
 * reads and writes, WD denies writes, nothing set denies nothing (SDM volume 3, "Protection Keys"). The other
 * keys are all open in one round and all denied in the next, because a key decides alone.
 */
#include "access.h"

#define PF_READ  FAULT_PF(X86_PF_P | X86_PF_PK)
#define PF_WRITE FAULT_PF(X86_PF_P | X86_PF_PK | X86_PF_W)

static void check_keys(uint32_t rights, fault_t want_read, fault_t want_write, const char *about)
{
    for (unsigned key = 1; key < X86_PKEYS; key++) {
        struct machine m = machine_normal();
        struct target t;

        if (!target_map(&t, LEVEL_4K, key % 2 ? WINDOW_LOW : WINDOW_HIGH, key, target_page(key)))
            return;
        expect_equal(*t.leaf >> X86_PTE_PKEY_BIT & X86_PTE_PKEY_MASK, key, "key in the entry");
        for (unsigned others = 0; others < 2; others++) {
            m.pkrs = pkr_set(others ? ~PKR_MASK(0) : 0, key, rights);
            for (unsigned bytes = 1; bytes <= 8; bytes *= 2) {
                check_access(&t, m, ACCESS_READ, bytes, want_read, about);
                check_access(&t, m, ACCESS_WRITE, bytes, want_write, about);
            }
        }
        page_unmap(space_current(), t.va); /* all targets share one piece of memory */
    }
}

TEST(rights_noaccess, "AD denies reads and writes of every key")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    check_keys(X86_PKR_AD, PF_READ, PF_WRITE, "no access");
}

TEST(rights_noaccess_wd, "AD with WD denies reads and writes of every key")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    check_keys(X86_PKR_AD | X86_PKR_WD, PF_READ, PF_WRITE, "no access");
}

TEST(rights_readonly, "WD denies writes and allows reads of every key")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    check_keys(X86_PKR_WD, FAULT_NONE, PF_WRITE, "read-only");
}

TEST(rights_readwrite, "A key with neither bit allows reads and writes")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    check_keys(0, FAULT_NONE, FAULT_NONE, "read-write");
}

TEST(rights_default, "With the default rights, keys 1 to 15 are closed and key 0 is open")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    for (unsigned key = 0; key < X86_PKEYS; key++) {
        struct target t;

        if (!target_map(&t, LEVEL_4K, WINDOW_LOW, key, target_page(key)))
            return;
        check_access(&t, machine_normal(), ACCESS_READ, 8, key ? PF_READ : FAULT_NONE, "default rights");
        check_access(&t, machine_normal(), ACCESS_WRITE, 8, key ? PF_WRITE : FAULT_NONE, "default rights");
        page_unmap(space_current(), t.va);
    }
}

TEST(rights_fetch, "Fetches from pages with AD and WD succeed, for every key")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    for (unsigned key = 1; key < X86_PKEYS; key++) {
        for (uint32_t rights = 0; rights < 4; rights++) {
            struct machine m = machine_normal();
            struct target t;

            m.pkrs = pkr_set(PKRS_DEFAULT, key, rights);
            if (!target_map(&t, LEVEL_4K, WINDOW_HIGH, key, target_page(key)))
                return;
            check_access(&t, m, ACCESS_FETCH, 1, FAULT_NONE, "fetch");
            page_unmap(space_current(), t.va);
        }
    }
}
