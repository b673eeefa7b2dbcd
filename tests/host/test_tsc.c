/* The TSC's frequency, by the examples of real processors. */

#include "host.h"

#include "tsc.h"

static void leaves(void **state)
{
    static const struct {
        struct tsc_leaves leaves;
        uint64_t khz;
        const char *source;
    } rows[] = {
        {{0, 0, 0, 0, 0}, 0, "none"},
        {{1, 160, 25000000, 0, 0}, 4000000, "cpuid15"},    /* 25 MHz times 160 */
        {{2, 188, 24000000, 2200, 0}, 2256000, "cpuid15"}, /* 15H says it all, 16H is not asked */
        {{2, 166, 0, 2000, 0}, 2000000, "cpuid16"},        /* the crystal is left out */
        {{2, 166, 0, 0xabcd07d0, 0}, 2000000, "cpuid16"},  /* reserved bits */
        {{2, 166, 0, 0, 0}, 0, "none"},
        {{0, 166, 24000000, 2000, 0}, 0, "none"}, /* no ratio, so nothing is said of the TSC */
        {{2, 0, 24000000, 2000, 0}, 0, "none"},
        {{1, 0xffffffff, 0xffffffff, 0, 0}, 18446744065119617, "cpuid15"},
        {{2, 188, 24000000, 2200, 2900000}, 2900000, "hypervisor"},
        {{0, 0, 0, 0, 2900000}, 2900000, "hypervisor"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct tsc_frequency found = tsc_by_leaves(&rows[i].leaves);

        assert_true(found.khz == rows[i].khz);
        assert_string_equal(found.source, rows[i].source);
    }
}

static void clocks(void **state)
{
    (void)state;
    assert_true(tsc_khz_against(0, 0, 838095110) == 0);
    assert_true(tsc_khz_against(1000, 1, 0) == 0);
    assert_int_equal(tsc_khz_against(25000000, 100000, 100000000), 2500000); /* 10 ms of 10 MHz */
    assert_int_equal(tsc_khz_against(50000000, 143181, 69841279), 5000028);  /* 10 ms of an HPET */
    assert_int_equal(tsc_khz_against(30000000, 11931, 838095110), 3000206);  /* 10 ms of the PIT */
}

static const char *taken(uint64_t said_khz, uint64_t measured_khz, uint64_t *wrong_khz)
{
    struct tsc_frequency found = tsc_agree((struct tsc_frequency){said_khz, "cpuid15", 0},
                                           (struct tsc_frequency){measured_khz, "pit", 0});

    assert_true(found.khz == (strcmp(found.source, "pit") == 0 ? measured_khz : said_khz));
    *wrong_khz = found.wrong_khz;
    return found.source;
}

static void agree(void **state)
{
    static const struct {
        uint64_t said, measured;
        const char *taken;
        uint64_t wrong;
    } rows[] = {
        {2200000, 2203456, "cpuid15", 0},
        {2200000, 1200000, "cpuid15", 0},
        {2200000, 4300000, "cpuid15", 0},
        {2200000, 0, "cpuid15", 0},
        {0, 2200000, "pit", 0},
        {2200000, 50000, "pit", 2200000},
        {2200000, 1100000, "pit", 2200000},
        {2200000, 4400000, "pit", 2200000},
        {0, 0, "cpuid15", 0},
    };
    uint64_t wrong;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_string_equal(taken(rows[i].said, rows[i].measured, &wrong), rows[i].taken);
        assert_true(wrong == rows[i].wrong);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves),
        cmocka_unit_test(clocks),
        cmocka_unit_test(agree),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
