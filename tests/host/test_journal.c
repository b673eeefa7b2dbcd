/* The journal of a run: what is written is read back, what is not whole is not believed, and where it stands.
 */

#include "host.h"

#include "crc32.h"
#include "journal.h"

#define MIB(n) ((uint64_t)(n) << 20)

static struct journal running(uint32_t number)
{
    struct journal journal = journal_begin("0123456789ab", 0x89abcdef, "tests=tlb_* seed=1");

    journal.seed = 0x1122334455667788;
    journal.tap = (struct tap){.nonce = 42, .crc = 7, .lines = number - 1, .count = {number - 1}};
    journal.planned = 1;
    journal.running = number;
    return journal;
}

static void assert_same(const struct journal *a, const struct journal *b)
{
    assert_memory_equal(a, b, sizeof(*a));
}

static void comes_back_as_written(void **state)
{
    uint8_t *page = exact_room(2 * JOURNAL_COPY_SIZE), *copy;
    struct journal journal = running(17), read;

    (void)state;
    memset(page, 0xa5, 2 * JOURNAL_COPY_SIZE);
    for (unsigned i = 0; i < 5; i++) {
        journal.running++;
        journal.tap.lines++;
        journal.tap.count[i % VERDICTS]++;
        copy = journal_encode(&journal, page);
        assert_ptr_equal(copy, page + journal.writes % 2 * JOURNAL_COPY_SIZE);
        assert_true(journal_decode(page, &read));
        assert_same(&read, &journal);
    }
    exact_free(page);
}

static void a_reset_in_the_middle_of_a_write_leaves_the_one_before(void **state)
{
    struct journal old = running(17), new = old, read;
    uint8_t before[X86_PAGE_SIZE] = {0}, after[X86_PAGE_SIZE];
    size_t at;

    (void)state;
    journal_encode(&old, before);
    memcpy(after, before, sizeof(after));
    new = old;
    new.running = 18;
    new.tap.lines = new.tap.count[0] = 17;
    at = (size_t)(journal_encode(&new, after) - after);
    for (size_t written = 0; written <= JOURNAL_COPY_SIZE; written++) {
        uint8_t torn[X86_PAGE_SIZE];

        memcpy(torn, before, sizeof(torn));
        memcpy(torn + at, after + at, written);
        assert_true(journal_decode(torn, &read));
        assert_same(&read, memcmp(torn, after, sizeof(torn)) == 0 ? &new : &old);
    }
}

static void the_count_of_writes_may_wrap(void **state)
{
    uint8_t page[X86_PAGE_SIZE] = {0};
    struct journal journal = running(17), read;

    (void)state;
    journal.writes = UINT32_MAX - 2;
    for (unsigned i = 0; i < 5; i++) {
        journal_encode(&journal, page);
        assert_true(journal_decode(page, &read));
        assert_int_equal(read.writes, journal.writes);
    }
}

static void no_changed_bit_is_believed(void **state)
{
    uint8_t page[X86_PAGE_SIZE] = {0};
    struct journal journal = running(17), read;
    uint8_t *copy;

    (void)state;
    copy = journal_encode(&journal, page);
    for (size_t bit = 0; bit < JOURNAL_COPY_SIZE * 8; bit++) {
        bool behind;

        copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
        behind = journal_decode(page, &read);
        copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (behind)
            assert_same(&read, &journal); /* the bytes behind the checksum say nothing */
        assert_true(!behind || bit / 8 >= sizeof(journal) + 8);
    }
    memset(page, 0, sizeof(page));
    assert_false(journal_decode(page, &read));
}

/* A checksum by chance, or by another program: what contradicts itself is no journal. */
static void what_cannot_be_is_not_believed(void **state)
{
    struct journal bad[] = {running(17), running(17), running(17), running(17), running(17),
                            running(17), running(17), running(17), running(17)};
    struct journal read;

    (void)state;
    bad[0].boot = 0;
    bad[1].deaths = 1;
    bad[2].running = 16;
    bad[3].running = 18;
    bad[4].tap.count[VERDICT_FAIL] = 1;
    bad[5].planned = 0;
    bad[6].planned = 2;
    bad[7].armed = 2;
    bad[8].running = 0, bad[8].armed = 1;
    for (size_t i = 0; i < COUNT(bad); i++) {
        uint8_t page[X86_PAGE_SIZE] = {0};

        journal_encode(&bad[i], page);
        assert_false(journal_decode(page, &read));
    }
}

static void only_the_same_run_goes_on(void **state)
{
    struct journal this = running(17);
    struct journal other[] = {
        journal_begin("0123456789ac", 0x89abcdef, "tests=tlb_* seed=1"),
        journal_begin("0123456789ab", 0x89abcdee, "tests=tlb_* seed=1"),
        journal_begin("0123456789ab", 0x89abcdef, "tests=tlb_* seed=2"),
        journal_begin("0123456789ab", 0x89abcdef, ""),
    };
    struct journal same = journal_begin("0123456789ab", 0x89abcdef, "tests=tlb_* seed=1");

    (void)state;
    assert_true(journal_same_run(&this, &same));
    for (size_t i = 0; i < COUNT(other); i++)
        assert_false(journal_same_run(&this, &other[i]));
}

static void a_death_counts_unless_it_was_meant(void **state)
{
    struct journal journal = running(17);

    (void)state;
    journal_next_boot(&journal);
    assert_int_equal(journal.boot, 2);
    assert_int_equal(journal.deaths, 1);
    journal.armed = 1;
    journal_next_boot(&journal);
    assert_int_equal(journal.boot, 3);
    assert_int_equal(journal.deaths, 1);
}

static void the_place(void **state)
{
    static const struct {
        struct memmap usable;
        uint64_t image_end, place;
    } rows[] = {
        /* in the 2 MiB that the image ends in */
        {{{{MIB(1), MIB(256), true}}, 1}, MIB(5), MIB(6) - 0x1000},
        {{{{MIB(1), MIB(256), true}}, 1}, MIB(6) - 0x1000, MIB(6) - 0x1000},
        {{{{MIB(1), MIB(6), true}}, 1}, MIB(5), MIB(6) - 0x1000},
        /* no page left of it, or not usable: from 32 MiB on, behind the image */
        {{{{MIB(1), MIB(256), true}}, 1}, MIB(6), MIB(34) - 0x1000},
        {{{{MIB(1), MIB(256), true}}, 1}, MIB(6) - 0xfff, MIB(34) - 0x1000},
        {{{{MIB(1), MIB(6) - 1, true}, {MIB(8), MIB(64), true}}, 2}, MIB(5), MIB(34) - 0x1000},
        {{{{MIB(1), MIB(6) - 0x1000, true}, {MIB(37), MIB(64), true}}, 2}, MIB(5), MIB(38) - 0x1000},
        {{{{MIB(1), MIB(256), true}}, 1}, MIB(40), MIB(42) - 0x1000},
        /* no place */
        {{{{MIB(1), MIB(16), true}}, 1}, MIB(6), 0},
        {{{{MIB(1), MIB(5), true}, {MIB(128), MIB(256), true}}, 2}, MIB(5), 0},
        {{{{0}}, 0}, MIB(5), 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(journal_place(&rows[i].usable, rows[i].image_end), rows[i].place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back_as_written),
        cmocka_unit_test(a_reset_in_the_middle_of_a_write_leaves_the_one_before),
        cmocka_unit_test(the_count_of_writes_may_wrap),
        cmocka_unit_test(no_changed_bit_is_believed),
        cmocka_unit_test(what_cannot_be_is_not_believed),
        cmocka_unit_test(only_the_same_run_goes_on),
        cmocka_unit_test(a_death_counts_unless_it_was_meant),
        cmocka_unit_test(the_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
