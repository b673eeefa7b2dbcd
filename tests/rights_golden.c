/* One test for each group of golden rows; what the groups hold is said in lib/pks/golden.def. */
#include "golden.h"
#include "testcase.h"

TEST(rights_golden_codes, "Golden rows: the key next to R/W and XD")
{
    golden_run("codes");
}

TEST(rights_golden_cpl12, "Golden rows: accesses at CPL 1 and 2")
{
    golden_run("cpl12");
}

TEST(rights_golden_cpl3, "Golden rows: accesses at CPL 3")
{
    golden_run("cpl3");
}

TEST(rights_golden_implicit, "Golden rows: descriptor accesses at CPL 0 and 3")
{
    golden_run("implicit");
}

TEST(rights_golden_key0, "Golden rows: key 0, with the kernel on another key")
{
    golden_run("key0");
}

TEST(rights_golden_keys, "Golden rows: keys on supervisor-mode addresses")
{
    golden_run("keys");
}

TEST(rights_golden_levels, "Golden rows: flags at every level of the walk")
{
    golden_run("levels");
}

TEST(rights_golden_nxe, "Golden rows: EFER.NXE = 0")
{
    golden_run("nxe");
}

TEST(rights_golden_open, "Golden rows: open points")
{
    golden_run("open");
}

TEST(rights_golden_order, "Golden rows: entries that are not present or have reserved bits")
{
    golden_run("order");
}

TEST(rights_golden_rmw, "Golden rows: read-modify-writes")
{
    golden_run("rmw");
}

TEST(rights_golden_sizes, "Golden rows: large pages and 5 levels")
{
    golden_run("sizes");
}

TEST(rights_golden_smep_smap, "Golden rows: SMEP and SMAP")
{
    golden_run("smep_smap");
}

TEST(rights_golden_user, "Golden rows: keys on user-mode addresses")
{
    golden_run("user");
}

TEST(rights_golden_reserved, "Golden rows: a reserved bit ends the walk")
{
    golden_run("reserved");
}

TEST(rights_golden_locked, "Golden rows: locked read-modify-writes")
{
    golden_run("locked");
}

TEST(rights_golden_implicit_ac, "Golden rows: EFLAGS.AC does not lift SMAP from implicit accesses")
{
    golden_run("implicit_ac");
}

TEST(rights_golden_flush, "Golden rows: cache-line flushes")
{
    golden_run("flush");
}

TEST(rights_golden_stale, "Golden rows: entries cached before their key changed")
{
    golden_run("stale");
}

TEST(rights_golden_cr4, "Golden rows: entries cached before CR4.PKS and CR4.PKE changed")
{
    golden_run("cr4");
}
