/* The state space: cases as text, pairs and products of the side axes, shards, legality. */
#include "host.h"

#include "pks/space.h"
#include "rng.h"
#include "string.h"

static struct pks_case random_case(uint64_t *seed)
{
    struct pks_case c;

    for (enum pks_axis a = 0; a < PKS_AXES; a++)
        c.v[a] = (uint8_t)(rng_next(seed) % pks_axis_values(a));
    return c;
}

static void text_and_back(void **state)
{
    uint64_t seed = 1;
    char text[512], err[160];

    (void)state;
    for (unsigned i = 0; i < 20000; i++) {
        struct pks_case c = random_case(&seed), back;

        assert_true(pks_case_text(text, sizeof(text), &c) < sizeof(text));
        assert_true(pks_case_parse(text, &back, err, sizeof(err)));
        assert_memory_equal(&c, &back, sizeof(c));
    }
    assert_int_equal(pks_case_text(text, 4, &(struct pks_case){{0}}) > 4, true);
    assert_int_equal(strlen(text), 3);
}

static void bad_text_is_named(void **state)
{
    static const char *const text[] = {"",        "key",    "key:",        "key:16",
                                       "nokey:1", "key:1,", "key:1,,wp:0", "default,key:1"};
    struct pks_case c;

    (void)state;
    for (unsigned i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
        char err[160] = "";

        assert_false(pks_case_parse(text[i], &c, err, sizeof(err)));
        assert_memory_equal(err, "case: ", 6);
    }
}

/* Every pair of values of any two side axes stands in some quick row. */
static void quick_rows_hold_all_pairs(void **state)
{
    (void)state;
    for (enum pks_axis a = PKS_WALK_FIRST; a < PKS_SIDE_END; a++) {
        for (enum pks_axis b = a + 1; b < PKS_SIDE_END; b++) {
            bool seen[16][16] = {{false}};
            unsigned count = 0;

            for (unsigned row = 0; row < pks_quick_rows(); row++) {
                struct pks_case c = pks_case_default();

                pks_quick_row(row, PKS_WALK_FIRST, PKS_SIDE_END, &c);
                count += !seen[c.v[a]][c.v[b]];
                seen[c.v[a]][c.v[b]] = true;
            }
            if (count != pks_axis_values(a) * pks_axis_values(b))
                fail_msg("%s with %s: %u pairs", pks_axis_name(a), pks_axis_name(b), count);
        }
    }
}

/* The two parts of a quick row may be asked for apart. */
static void quick_row_in_two_parts(void **state)
{
    (void)state;
    for (unsigned row = 0; row < pks_quick_rows(); row++) {
        struct pks_case whole = pks_case_default(), parts = whole;

        pks_quick_row(row, PKS_WALK_FIRST, PKS_SIDE_END, &whole);
        pks_quick_row(row, PKS_WALK_FIRST, PKS_CONTROL_FIRST, &parts);
        pks_quick_row(row, PKS_CONTROL_FIRST, PKS_SIDE_END, &parts);
        assert_memory_equal(&whole, &parts, sizeof(whole));
    }
}

static void full_rows_are_the_product(void **state)
{
    unsigned rows = pks_full_rows(PKS_WALK_FIRST, PKS_SIDE_END);
    unsigned product = 1;
    char *seen;

    (void)state;
    for (enum pks_axis a = PKS_WALK_FIRST; a < PKS_SIDE_END; a++)
        product *= pks_axis_values(a);
    assert_int_equal(rows, product);
    assert_int_equal(rows, pks_full_rows(PKS_WALK_FIRST, PKS_CONTROL_FIRST) *
                               pks_full_rows(PKS_CONTROL_FIRST, PKS_SIDE_END));
    seen = calloc(rows, 1);
    for (unsigned row = 0; row < rows; row++) {
        struct pks_case c = pks_case_default();
        unsigned number = 0;

        pks_full_row(row, PKS_WALK_FIRST, PKS_SIDE_END, &c);
        for (enum pks_axis a = PKS_WALK_FIRST; a < PKS_SIDE_END; a++)
            number = number * pks_axis_values(a) + c.v[a];
        assert_false(seen[number]);
        seen[number] = 1;
    }
    free(seen);
}

/* A thinned row's blocks are as many as they should be, and each goes with each value of each side axis. */
static void thinned_rows_hold_pairs_too(void **state)
{
    (void)state;
    for (unsigned thin = 1; thin <= 4; thin *= 2) {
        for (unsigned row = 0; row < pks_quick_rows(); row++) {
            unsigned taken = 0;

            for (unsigned block = 0; block < 8; block++)
                taken += pks_quick_takes(row, block, thin);
            assert_int_equal(taken, 8 / thin);
        }
        for (enum pks_axis a = PKS_WALK_FIRST; a < PKS_SIDE_END; a++) {
            bool seen[16][8] = {{false}};
            unsigned count = 0;

            for (unsigned row = 0; row < pks_quick_rows(); row++) {
                struct pks_case c = pks_case_default();

                pks_quick_row(row, PKS_WALK_FIRST, PKS_SIDE_END, &c);
                for (unsigned block = 0; block < 8; block++)
                    if (pks_quick_takes(row, block, thin) && !seen[c.v[a]][block]) {
                        seen[c.v[a]][block] = true;
                        count++;
                    }
            }
            if (count != pks_axis_values(a) * 8)
                fail_msg("%s, one of %u: %u pairs", pks_axis_name(a), thin, count);
        }
    }
}

/* One CPL of the set for each row, and each goes with each value of each side axis. */
static void quick_cpls_hold_pairs_too(void **state)
{
    static const unsigned sets[] = {1, 2 | 4, 8, 15};

    (void)state;
    for (unsigned i = 0; i < COUNT(sets); i++) {
        for (enum pks_axis a = PKS_WALK_FIRST; a < PKS_SIDE_END; a++) {
            bool seen[16][16] = {{false}};
            unsigned count = 0;

            for (unsigned row = 0; row < pks_quick_rows(); row++) {
                struct pks_case c = pks_case_default();
                unsigned cpl = pks_quick_cpl(row, sets[i]);

                assert_true((cpl & sets[i]) && (cpl & (cpl - 1)) == 0);
                pks_quick_row(row, PKS_WALK_FIRST, PKS_SIDE_END, &c);
                count += !seen[c.v[a]][cpl];
                seen[c.v[a]][cpl] = true;
            }
            assert_int_equal(count, pks_axis_values(a) * (unsigned)__builtin_popcount(sets[i]));
        }
    }
}

static void shards_are_a_partition(void **state)
{
    (void)state;
    for (uint32_t count = 1; count < 40; count++) {
        for (uint64_t unit = 0; unit < 200; unit++) {
            unsigned owners = 0;

            for (uint32_t index = 1; index <= count; index++)
                owners += pks_shard_owns(unit, index, count);
            assert_int_equal(owners, 1);
        }
    }
}

static void legality(void **state)
{
    struct pks_features all = {true, true, true, true, true, true};
    struct pks_features none = {false};
    struct pks_case c = pks_case_default();

    (void)state;
    assert_int_equal(pks_case_legal(&c, &all), PKS_LEGAL);
    assert_int_equal(pks_case_legal(&c, &none), PKS_NO_FEATURE);
    c.v[PKS_AXIS_us] = PKS_US_L5;
    assert_int_equal(pks_case_legal(&c, &all), PKS_NO_LEVEL);
    c.v[PKS_AXIS_paging] = 1;
    assert_int_equal(pks_case_legal(&c, &all), PKS_LEGAL);
    c.v[PKS_AXIS_us] = PKS_US_L3;
    c.v[PKS_AXIS_leaf] = 1;
    assert_int_equal(pks_case_legal(&c, &all), PKS_LEGAL);
    c.v[PKS_AXIS_leaf] = 2;
    assert_int_equal(pks_case_legal(&c, &all), PKS_NO_LEVEL);
}

/* What the machine relies on: the kernel's own key stays open, whatever is tested; filling turns over what it
 * says. */
static void states(void **state)
{
    uint64_t seed = 2;

    (void)state;
    for (unsigned i = 0; i < 20000; i++) {
        struct pks_case c = random_case(&seed);
        unsigned kernel = pks_case_kernel_key(&c);
        struct pks_state s, fill;

        pks_case_state(&c, &s);
        pks_case_fill_state(&c, &fill);
        assert_int_not_equal(kernel, c.v[PKS_AXIS_key]);
        assert_int_equal(s.pkrs >> 2 * kernel & 3, 0);
        assert_int_equal(fill.pkrs >> 2 * kernel & 3, 0);
        assert_int_equal(s.pkrs >> 2 * c.v[PKS_AXIS_key] & 3, c.v[PKS_AXIS_rights]);
        assert_int_equal(s.wp != fill.wp, c.v[PKS_AXIS_tlb] == PKS_TLB_WP);
        assert_int_equal(s.pkrs != fill.pkrs, c.v[PKS_AXIS_tlb] == PKS_TLB_RIGHTS);
        assert_true(s.pke || s.pkru == fill.pkru);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_and_back),
        cmocka_unit_test(bad_text_is_named),
        cmocka_unit_test(quick_rows_hold_all_pairs),
        cmocka_unit_test(quick_row_in_two_parts),
        cmocka_unit_test(full_rows_are_the_product),
        cmocka_unit_test(shards_are_a_partition),
        cmocka_unit_test(quick_cpls_hold_pairs_too),
        cmocka_unit_test(thinned_rows_hold_pairs_too),
        cmocka_unit_test(legality),
        cmocka_unit_test(states),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
