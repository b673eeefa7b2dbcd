/* The bitmap with counts against a plain list, for numbers that lie thick, thin and not at all. */

#include "host.h"

#include "rng.h"
#include "starts.h"

#include <stdbool.h>

enum { WORDS = 40, LIMIT = 32 * WORDS };

static struct starts table[WORDS];
static bool there[LIMIT];

static void build(void)
{
    unsigned before = 0;

    for (unsigned i = 0; i < WORDS; i++) {
        table[i] = (struct starts){.before = before};
        for (unsigned bit = 0; bit < 32; bit++)
            if (there[32 * i + bit]) {
                table[i].bits |= 1u << bit;
                before++;
            }
    }
}

static void check(void)
{
    unsigned below = 0;

    build();
    for (unsigned i = 0; i < LIMIT; i++) {
        assert_int_equal(starts_below(table, WORDS, i), below);
        if (there[i])
            assert_int_equal(starts_at(table, WORDS, below++), i);
    }
    assert_int_equal(starts_below(table, WORDS, LIMIT), below);
    assert_int_equal(starts_below(table, WORDS, LIMIT + 31), below);
    assert_int_equal(starts_below(table, WORDS, UINT64_MAX), below);
}

static void random_numbers(void **state)
{
    (void)state;
    for (unsigned one_in = 1; one_in < 200; one_in++) {
        uint64_t seed = one_in;

        for (unsigned i = 0; i < LIMIT; i++)
            there[i] = rng_next(&seed) % one_in == 0;
        check();
    }
}

static void only_at_the_edges(void **state)
{
    (void)state;
    memset(there, 0, sizeof(there));
    check();
    there[LIMIT - 1] = true;
    check();
    there[0] = there[31] = there[32] = true;
    check();
}

static void an_empty_table(void **state)
{
    (void)state;
    assert_int_equal(starts_below(NULL, 0, 0), 0);
    assert_int_equal(starts_below(NULL, 0, 7), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_numbers),
        cmocka_unit_test(only_at_the_edges),
        cmocka_unit_test(an_empty_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
