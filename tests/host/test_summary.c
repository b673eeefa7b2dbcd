/* Percentiles against their definition, at every length up to past three hundred, and at the length of a
 * benchmark. */

#include "host.h"

#include "rng.h"
#include "summary.h"

#include <stdbool.h>

/* Counted, not sorted: at least `percent` of all values are <= value, and that is no longer so just below. */
static bool is_percentile(const uint32_t *values, size_t count, uint32_t value, unsigned percent)
{
    size_t below = 0, not_above = 0;

    for (size_t i = 0; i < count; i++) {
        below += values[i] < value;
        not_above += values[i] <= value;
    }
    return not_above * 100 >= count * percent && below * 100 < count * percent && not_above > below;
}

static void check(const uint32_t *values, size_t count)
{
    uint32_t *copy = malloc(count * sizeof(*copy));
    struct summary s;

    memcpy(copy, values, count * sizeof(*copy));
    s = summarize_u32(copy, count);
    assert_true(s.count == count);
    assert_true(is_percentile(values, count, s.median, 50));
    assert_true(is_percentile(values, count, s.p99, 99));
    for (size_t i = 0; i < count; i++)
        assert_true(values[i] >= s.min);
    free(copy);
}

static void every_length(void **state)
{
    uint32_t values[320];
    uint64_t seed = 11;

    (void)state;
    for (size_t count = 1; count < COUNT(values); count++)
        for (unsigned round = 0; round < 20; round++) {
            for (size_t i = 0; i < count; i++)
                values[i] = (uint32_t)(rng_next(&seed) % (round % 2 ? 5 : UINT32_MAX));
            check(values, count);
        }
}

static void by_hand(void **state)
{
    static uint32_t values[100000];
    struct summary s = summarize_u32(NULL, 0);

    (void)state;
    assert_true(s.min == 0 && s.median == 0 && s.p99 == 0 && s.count == 0);
    for (size_t i = 0; i < COUNT(values); i++)
        values[i] = (uint32_t)(COUNT(values) - i); /* 100000 down to 1 */
    s = summarize_u32(values, COUNT(values));
    assert_true(s.min == 1 && s.median == 50000 && s.p99 == 99000 && s.count == 100000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_length),
        cmocka_unit_test(by_hand),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
