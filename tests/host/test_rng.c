/* SplitMix64 against the reference implementation's numbers (Vigna, splitmix64.c). */

#include "host.h"

#include "rng.h"

static void first_numbers_of_two_seeds(void **state)
{
    static const uint64_t of_0[] = {0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4, 0x06c45d188009454f};
    static const uint64_t of_1234567[] = {6457827717110365317u, 3203168211198807973u, 9817491932198370423u};
    uint64_t zero = 0;
    uint64_t other = 1234567;

    (void)state;
    for (size_t i = 0; i < COUNT(of_0); i++) {
        assert_true(rng_next(&zero) == of_0[i]);
        assert_true(rng_next(&other) == of_1234567[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(first_numbers_of_two_seeds)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
