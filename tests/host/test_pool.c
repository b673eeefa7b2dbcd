/* Which memory the kernel takes: of maps of whole machines, of rows by hand, of maps with too little. */

#include "map_file.h"
#include "pool_holds.h"

#define MIB  0x100000ull
#define GIB  0x40000000ull
#define PAGE 0x1000ull

static const struct mem_range image = {2 * MIB, 0x5b1000, false};

static bool choose(const struct boot_info *boot, struct pool *pool, char err[160])
{
    const char *wrong;

    if (!pool_choose(boot, &image, 1, 52, pool, err, 160)) {
        assert_message(err);
        return false;
    }
    wrong = pool_wrong(pool, boot, &image, 1, 52);
    if (wrong)
        fail_msg("a pool that is %s", wrong);
    return true;
}

#define MAPS "tests/host/maps/"

static void every_map_on_file(void **state)
{
    static const char *const files[] = {
        MAPS "two_sockets_1t.txt",  MAPS "two_sockets_2t.txt", MAPS "two_hundred_entries.txt",
        MAPS "little_below_4g.txt", MAPS "disorder.txt",       MAPS "beyond_46_bits.txt",
    };
    static struct pool pool;
    char err[160];

    (void)state;
    for (size_t i = 0; i < COUNT(files); i++) {
        struct boot_info boot = map_read(files[i]);

        if (!choose(&boot, &pool, err))
            fail_msg("%s: %s", files[i], err);
    }
}

static struct pool *chosen(const char *path)
{
    static struct pool pool;
    struct boot_info boot = map_read(path);
    char err[160];

    assert_true(choose(&boot, &pool, err));
    return &pool;
}

static void the_lowest_pieces_come_first(void **state)
{
    const struct pool *pool = chosen(MAPS "two_sockets_2t.txt");

    (void)state;
    assert_int_equal(pool->near.count,
                     3); /* the page at 256 MiB costs its piece; the last is the gigabyte's */
    assert_true(pool->near.range[0].start == 6 * MIB && pool->near.range[0].end == 256 * MIB);
    assert_true(pool->near.range[1].start == 258 * MIB && pool->near.range[1].end == 264 * MIB);
}

static void one_distant_piece_for_each_width(void **state)
{
    const struct pool *pool = chosen(MAPS "two_sockets_2t.txt");

    (void)state;
    /* 2^28, 2^29, 2^30; nothing at 2^31, which is below the hole; 2^32 to 2^40 */
    assert_int_equal(pool->distant_count, 12);
    assert_true(pool->distant[0].end == 512 * MIB && pool->distant[1].end == GIB);
    assert_true(pool->distant[2].end == 0x49a00000);
    assert_true(pool->distant[3].end == 8 * GIB);
    assert_true(pool->distant[11].end == 0x1f800000000);
    pool = chosen(MAPS "beyond_46_bits.txt");
    assert_int_equal(pool->distant_count, 5);
    assert_true(pool->distant[4].end == 0x4000008000000);
}

static void tables_come_from_below_4_gib(void **state)
{
    const struct pool *pool = chosen(MAPS "little_below_4g.txt");

    (void)state;
    assert_int_equal(pool->near.count, 4); /* in front of the image, behind it, above 4 GiB, the gigabyte's */
    assert_true(pool->near.range[1].start == 0x5b1000 && pool->near.range[1].end == 0x6e4000);
    assert_true(pool->near.range[2].start == 4 * GIB);
}

/* A machine of `low` bytes behind the image and `high` bytes above 4 GiB. */
static struct boot_info machine(uint64_t low, uint64_t high)
{
    return (struct boot_info){.map = {{image.start, image.end + low, true}, {4 * GIB, 4 * GIB + high, true}},
                              .map_count = 2};
}

/* The lowest that is usable from end to end; the image and modules are somebody else's. */
static void a_whole_gigabyte(void **state)
{
    const struct pool *pool = chosen(MAPS "two_sockets_2t.txt");
    static struct pool other;
    struct boot_info boot = machine(256 * MIB, GIB);
    char err[160];

    (void)state;
    assert_true(pool->gigabyte.start == 4 * GIB && pool->gigabyte.end == 5 * GIB);
    assert_true(pool->near.range[2].start == 4 * GIB && pool->near.range[2].end == 4 * GIB + 4 * MIB);
    assert_true(choose(&boot, &other, err));
    assert_true(other.gigabyte.start == 4 * GIB);
    boot.map[1].end--;
    assert_true(choose(&boot, &other, err));
    assert_true(other.gigabyte.end == 0);
    boot.map[1].end += GIB;
    boot.modules[boot.module_count++] = (struct mem_range){4 * GIB + 5, 4 * GIB + 6, false};
    assert_true(choose(&boot, &other, err));
    assert_true(other.gigabyte.end == 0);
    boot.map[1].end++;
    assert_true(choose(&boot, &other, err));
    assert_true(other.gigabyte.start == 5 * GIB);
    boot = machine(2 * GIB - image.end, 0); /* the pool stands in front of it: 1 to 2 GiB */
    assert_true(choose(&boot, &other, err));
    assert_true(other.gigabyte.start == GIB);
    boot = (struct boot_info){.map = {{MIB, 16 * MIB, true}, {4 * GIB, 5 * GIB, true}}, .map_count = 2};
    assert_true(choose(&boot, &other, err)); /* the pool stands in it as well */
    assert_true(other.gigabyte.start == 4 * GIB);
    assert_true(other.near.range[other.near.count - 1].start == 4 * GIB);
}

static void too_little(void **state)
{
    static struct pool pool;
    char err[160];
    struct boot_info boot = machine(15 * MIB, 0);

    (void)state;
    assert_false(choose(&boot, &pool, err));
    assert_string_equal(err,
                        "15360 KiB usable, 15360 KiB of them below 4 GiB: 16384 KiB needed, 80 KiB there");
    boot = machine(0, GIB);
    assert_false(choose(&boot, &pool, err));
    boot = machine(64 << 10, GIB); /* 16 pages, one short of what 256 MiB of pieces and the rest need */
    assert_false(choose(&boot, &pool, err));
    boot = machine(128 << 10, GIB);
    assert_true(choose(&boot, &pool, err));
    boot = machine(16 * MIB, 0);
    assert_true(choose(&boot, &pool, err));
}

/* Enough for the tables, and the rest where the kernel cannot use it. */
static void enough_in_the_wrong_place(void **state)
{
    static struct pool pool;
    struct boot_info boot = machine(4 * MIB, 0);
    char err[160];

    (void)state;
    boot.map[1] = (struct mem_range){1ull << 45, 1ull << 46, true}; /* under the tests' windows */
    assert_false(choose(&boot, &pool, err));
    boot.map[1] = (struct mem_range){1ull << 37, 1ull << 38, true};
    assert_true(choose(&boot, &pool, err));
    assert_false(pool_choose(&boot, &image, 1, 37, &pool, err, sizeof(err)));
    boot.map_count = 0; /* 20 MiB, of which no two whole MiB lie together */
    for (uint64_t i = 0; i < 10; i++)
        boot.map[boot.map_count++] =
            (struct mem_range){8 * MIB + i * 4 * MIB + PAGE, 8 * MIB + i * 4 * MIB + 3 * MIB, true};
    assert_false(choose(&boot, &pool, err));
}

/* One range over 4 GiB, of which the part below is taken in pages and the part above in pieces. */
static void across_4_gib(void **state)
{
    static struct pool pool;
    struct boot_info boot = {.map = {{4 * GIB - 4 * MIB - PAGE, 5 * GIB, true}}, .map_count = 1};
    char err[160];

    (void)state;
    assert_true(choose(&boot, &pool, err));
    assert_int_equal(pool.near.count, 1);
}

static void what_others_hold_is_left_out(void **state)
{
    static struct pool pool;
    struct boot_info boot = machine(256 * MIB, GIB);
    char err[160];

    (void)state;
    boot.modules[boot.module_count++] = (struct mem_range){8 * MIB + 5, 8 * MIB + 6, false};
    boot.framebuffer = (struct framebuffer){.address = 32 * MIB, .pitch = 4096, .height = 1080, .type = 1};
    assert_true(choose(&boot, &pool, err));
    assert_int_equal(pool.near.count, 4); /* cut three times: the module, the screen, 4 GiB */
    boot.map_count = 1;
    assert_true(choose(&boot, &pool, err));
    assert_int_equal(pool.near.count, 3);
    assert_true(pool.near.range[0].end == 8 * MIB && pool.near.range[1].start == 10 * MIB);
    assert_true(pool.near.range[1].end == 32 * MIB && pool.near.range[2].start == 38 * MIB);
}

static void nothing_beyond_the_processor(void **state)
{
    static struct pool pool;
    struct boot_info boot = map_read(MAPS "beyond_46_bits.txt");
    char err[160];

    (void)state;
    assert_true(pool_choose(&boot, &image, 1, 46, &pool, err, sizeof(err)));
    assert_true(pool_wrong(&pool, &boot, &image, 1, 46) == NULL);
    assert_true(pool.distant[pool.distant_count - 1].end == 0x9608000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_map_on_file),
        cmocka_unit_test(the_lowest_pieces_come_first),
        cmocka_unit_test(one_distant_piece_for_each_width),
        cmocka_unit_test(tables_come_from_below_4_gib),
        cmocka_unit_test(a_whole_gigabyte),
        cmocka_unit_test(too_little),
        cmocka_unit_test(enough_in_the_wrong_place),
        cmocka_unit_test(across_4_gib),
        cmocka_unit_test(what_others_hold_is_left_out),
        cmocka_unit_test(nothing_beyond_the_processor),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
