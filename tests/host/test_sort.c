/* Sorting against the C library's, at every small length and for the shapes that go wrong. */

#include "host.h"

#include "rng.h"
#include "sort.h"

#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

static void check(const uint32_t *values, size_t count)
{
    size_t size = count * sizeof(*values);
    uint32_t *got = malloc(size); /* aligned, and the sanitizer guards its end */
    uint32_t *want = malloc(size);

    memcpy(got, values, size);
    memcpy(want, values, size);
    sort_u32(got, count);
    qsort(want, count, sizeof(*want), compare);
    assert_memory_equal(got, want, size);
    free(got);
    free(want);
}

static void shapes(void **state)
{
    uint32_t up[200], down[200], equal[200], saw[200];

    (void)state;
    for (uint32_t i = 0; i < 200; i++) {
        up[i] = i;
        down[i] = 0xffffffffu - i;
        equal[i] = 7;
        saw[i] = i % 5;
    }
    for (size_t count = 1; count <= 200; count++) {
        check(up, count);
        check(down, count);
        check(equal, count);
        check(saw, count);
    }
    sort_u32(NULL, 0);
}

static void random_values(void **state)
{
    uint64_t seed = 4;
    uint32_t values[300];

    (void)state;
    for (unsigned round = 0; round < 500; round++) {
        size_t count = 1 + rng_next(&seed) % 300;
        uint64_t mask = round % 2 ? 0xffffffff : 15;

        for (size_t i = 0; i < count; i++)
            values[i] = (uint32_t)(rng_next(&seed) & mask);
        check(values, count);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(shapes), cmocka_unit_test(random_values)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
