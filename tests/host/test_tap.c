/* The lines of the protocol, and their checksum against zlib's numbers and against one computed another way.
 */

#include "host.h"

#include "tap.h"

#include <stdbool.h>
#include <stdio.h>

#define NONCE 0x0123456789abcdef

/* CRC-32 as a division of polynomials, most significant bit first, as IEEE 802.3 defines it. */
static uint32_t divide(const char *text)
{
    size_t bits = strlen(text) * 8;
    uint32_t remainder = 0xffffffff;
    uint32_t reflected = 0;

    for (size_t i = 0; i < bits; i++) {
        bool top = remainder >> 31 ^ ((unsigned char)text[i / 8] >> i % 8 & 1);

        remainder = remainder << 1 ^ (top ? 0x04c11db7 : 0);
    }
    for (unsigned i = 0; i < 32; i++)
        reflected |= (~remainder >> i & 1) << (31 - i);
    return reflected;
}

static void begin_line(void **state)
{
    struct tap tap;
    char line[128];
    const char *want = "LATCHKEY-BEGIN v1 boot=2 run=00000000000000ab build=0123456789ab suite=0000beef";

    (void)state;
    tap_start(&tap, 0xab);
    assert_int_equal(tap_begin(&tap, line, sizeof(line), 2, "0123456789ab", 0xbeef), strlen(want));
    assert_string_equal(line, want);
}

static void plan_lines(void **state)
{
    static const struct {
        unsigned tests;
        const char *reason;
        const char *want;
        const char *summed;
    } rows[] = {
        {12, NULL, "1..12", "1..12"},
        {12, "list", "1..12", "1..12"}, /* a directive belongs to an empty plan only */
        {0, "list", "1..0 # SKIP list", "1..0"},
        {0, NULL, "1..0", "1..0"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct tap tap;
        char line[128], joined[128];

        tap_start(&tap, NONCE);
        assert_int_equal(tap_plan(&tap, line, sizeof(line), rows[i].tests, rows[i].reason),
                         strlen(rows[i].want));
        assert_string_equal(line, rows[i].want);
        snprintf(joined, sizeof(joined), "0123456789abcdef\n%s", rows[i].summed);
        assert_int_equal(tap.crc, divide(joined));
    }
}

static void result_lines(void **state)
{
    static const struct {
        enum verdict verdict;
        const char *reason;
        const char *want;
    } rows[] = {
        {VERDICT_PASS, NULL, "ok 1 - self_a"},
        {VERDICT_PASS, "unused", "ok 1 - self_a"},
        {VERDICT_FAIL, "unused", "not ok 1 - self_a"},
        {VERDICT_SKIP, "no la57", "ok 1 - self_a # SKIP no la57"},
        {VERDICT_ERROR, "state cr4", "not ok 1 - self_a # ERROR state cr4"},
        {VERDICT_SKIP, NULL, "ok 1 - self_a # SKIP no reason given"},
        {VERDICT_ERROR, "", "not ok 1 - self_a # ERROR no reason given"},
        {VERDICT_SKIP, "a#b\r\nc\x1b[0m\x7f\xff~", "ok 1 - self_a # SKIP a?b??c?[0m??~"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        for (size_t size = 0; size < strlen(rows[i].want) + 3; size++) {
            struct tap tap;
            char line[128], joined[256];
            char *exact = exact_room(size);
            size_t kept = size == 0 ? 0 : size - 1;

            tap_start(&tap, NONCE);
            assert_int_equal(tap_result(&tap, exact, size, "self_a", rows[i].verdict, rows[i].reason),
                             strlen(rows[i].want));
            snprintf(line, sizeof(line), "%.*s", (int)kept, rows[i].want);
            if (size > 0)
                assert_string_equal(exact, line);
            snprintf(joined, sizeof(joined), "0123456789abcdef\n%s", line);
            assert_int_equal(tap.crc, divide(joined));
            assert_int_equal(tap.lines, 1);
            exact_free(exact);
        }
}

/* The numbers were computed with Python's zlib.crc32 over the joined text. */
static void whole_runs(void **state)
{
    struct tap tap;
    char line[256];

    (void)state;
    tap_start(&tap, NONCE);
    tap_plan(&tap, line, sizeof(line), 5, NULL);
    tap_result(&tap, line, sizeof(line), "self_a", VERDICT_PASS, NULL);
    tap_result(&tap, line, sizeof(line), "rights_b", VERDICT_FAIL, NULL);
    tap_result(&tap, line, sizeof(line), "msr_c", VERDICT_SKIP, "no la57");
    tap_result(&tap, line, sizeof(line), "boot_d", VERDICT_ERROR, "state cr4");
    tap_result(&tap, line, sizeof(line), "self_e", VERDICT_PASS, NULL);
    assert_string_equal(line, "ok 5 - self_e");
    for (unsigned twice = 0; twice < 2; twice++) { /* it changes nothing */
        tap_end(&tap, line, sizeof(line));
        assert_string_equal(line,
                            "LATCHKEY-END status=error run=0123456789abcdef pass=2 fail=1 skip=1 error=1 "
                            "lines=5 crc=037b9e20");
    }

    tap_start(&tap, 0);
    tap_plan(&tap, line, sizeof(line), 0, "list");
    tap_end(&tap, line, sizeof(line));
    assert_string_equal(line, "LATCHKEY-END status=skip run=0000000000000000 pass=0 fail=0 skip=0 error=0 "
                              "lines=0 crc=26ca6091");
}

static void counts_of_any_length_fit(void **state)
{
    struct tap tap = {.nonce = NONCE, .lines = UINT32_MAX};
    char line[256], joined[256];
    char want[16];

    (void)state;
    for (unsigned i = 0; i < VERDICTS; i++)
        tap.count[i] = UINT32_MAX;
    tap.crc = divide("x");
    tap_end(&tap, line, sizeof(line));
    snprintf(joined, sizeof(joined), "x\npass=%u fail=%u skip=%u error=%u", UINT32_MAX, UINT32_MAX,
             UINT32_MAX, UINT32_MAX);
    snprintf(want, sizeof(want), "crc=%08x", divide(joined));
    assert_string_equal(line + strlen(line) - strlen(want), want);
}

/* Every combination of "some" and "none" of the four counts. */
static void verdict_of_the_run(void **state)
{
    (void)state;
    for (unsigned some = 0; some < 1u << VERDICTS; some++) {
        struct tap tap = {0};
        enum verdict want = VERDICT_SKIP;

        for (unsigned i = 0; i < VERDICTS; i++)
            tap.count[i] = (some >> i & 1) * 3;
        if (tap.count[VERDICT_PASS] > 0)
            want = VERDICT_PASS;
        if (tap.count[VERDICT_FAIL] > 0)
            want = VERDICT_FAIL;
        if (tap.count[VERDICT_ERROR] > 0)
            want = VERDICT_ERROR;
        assert_int_equal(tap_verdict(&tap), want);
    }
}

static void status_words(void **state)
{
    static const struct {
        enum verdict verdict;
        const char *want;
    } rows[] = {
        {VERDICT_PASS, "status=pass "},
        {VERDICT_SKIP, "status=skip "},
        {VERDICT_FAIL, "status=fail "},
        {VERDICT_ERROR, "status=error "},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct tap tap = {0};
        char line[256];

        tap.count[rows[i].verdict] = 1;
        tap_end(&tap, line, sizeof(line));
        assert_memory_equal(line + strlen("LATCHKEY-END "), rows[i].want, strlen(rows[i].want));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(begin_line),
        cmocka_unit_test(plan_lines),
        cmocka_unit_test(result_lines),
        cmocka_unit_test(whole_runs),
        cmocka_unit_test(counts_of_any_length_fit),
        cmocka_unit_test(verdict_of_the_run),
        cmocka_unit_test(status_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
