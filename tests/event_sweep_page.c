/*
 * Every instruction of the calls that tag mappings with keys. They change no rights; an event in them must
 * not either, and the page ends with the key it was to get.
 */
#include "event_sweep.h"

static struct {
    struct keyed keyed;
    unsigned key; /* the page's at the start */
    unsigned argument;
    uint64_t va;
    int got, want;
    unsigned left; /* the page's key behind it */
} c;

static void prepare(void)
{
    c.got = 1;
    REQUIRE(pks_page_set_key(c.keyed.va, c.key) == PKS_OK);
}

static void prepare_unmapped(void)
{
    pks_page_unmap(c.keyed.va);
}

static void prepare_mapped(void)
{
    prepare_unmapped();
    REQUIRE(keyed_map(&c.keyed, c.key, 0, LEVEL_4K));
}

static void check(const char *about)
{
    struct page_found page;
    bool mapped = page_find(c.keyed.va, &page);

    expect_equal((uint64_t)c.got, (uint64_t)c.want, "%s: result", about);
    expect_equal(mapped ? page.leaf.key : 0, c.left, "%s: key of the page", about);
    expect_equal(pks_key_mappings(c.left), mapped, "%s: mappings of the key", about);
    expect_equal(pkrs_read_checked(about), pkr_set(PKRS_DEFAULT, 1, PKS_READONLY), "%s: PKRS", about);
}

static void set_key(void *unused)
{
    (void)unused;
    c.got = pks_page_set_key(c.va, c.argument);
}

static void unmap(void *unused)
{
    (void)unused;
    c.got = pks_page_unmap(c.va);
}

static void map(void *unused)
{
    struct entry leaf = PAGE_KERNEL_PKEY(c.argument);
    enum map_result why;

    (void)unused;
    leaf.address = (uintptr_t)c.keyed.alias;
    c.got = pks_page_map(c.va, LEVEL_4K, leaf, &why);
}

static void sweep(const char *name, void (*before)(void), void (*run)(void *), int want, unsigned left)
{
    struct sweep_way way = {.name = name,
                            .prepare = before,
                            .run = run,
                            .check = check,
                            .value = {{.pkrs = pkr_set(PKRS_DEFAULT, 1, PKS_READONLY)}}};

    c.want = want;
    c.left = left;
    sweep_way(&way);
}

TEST(event_sweep_page, "An event at every instruction of tagging a mapping")
{
    static const struct sweep_path path = {
        .name = "page",
        .code = {SWEEP_FUNCTION(pks_page_map), SWEEP_FUNCTION(pks_page_unmap),
                 SWEEP_FUNCTION(pks_page_set_key), SWEEP_STATIC("find_leaf"), SWEEP_STATIC("pks_key_count"),
                 SWEEP_STATIC("pks_key_usable")},
        .preempt = true};

    if (!sweep_begin(&path))
        return;
    REQUIRE(pks_key_alloc("old") == 1 && pks_key_alloc("new") == 2);
    REQUIRE(pks_mk_readonly(1) == PKS_OK);
    c.key = 1;
    REQUIRE(keyed_map(&c.keyed, c.key, 0, LEVEL_4K));
    c.va = c.keyed.va;
    c.argument = 2;
    sweep("new key", prepare, set_key, PKS_OK, 2);
    c.argument = 0;
    sweep("key 0", prepare, set_key, PKS_OK, 0);
    c.argument = 3;
    sweep("key without an owner", prepare, set_key, PKS_BAD_KEY, 1);
    sweep("map with that", prepare_mapped, map, PKS_BAD_KEY, 1);
    c.argument = X86_PKEYS;
    sweep("key 16", prepare, set_key, PKS_BAD_KEY, 1);
    c.argument = 2;
    sweep("map over a mapping", prepare_mapped, map, PKS_NOT_MAPPED, 1);
    sweep("map", prepare_unmapped, map, PKS_OK, 2);
    sweep("unmap", prepare_mapped, unmap, PKS_OK, 0);
    sweep("unmap nothing", prepare_unmapped, unmap, PKS_NOT_MAPPED, 0);
    sweep("key of nothing", prepare_unmapped, set_key, PKS_NOT_MAPPED, 0);
    REQUIRE(pks_key_free(1) == PKS_OK && pks_key_free(2) == PKS_OK);
    sweep_end();
}
