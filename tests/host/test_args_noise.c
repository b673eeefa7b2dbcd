/* The kernel command line with bytes and mixtures that nobody means. */

#include "args_lines.h"
#include "rng.h"

static void bytes_that_do_not_print(void **state)
{
    (void)state;
    assert_refused("te\x1b[2Jsts=a", "word 'te\\x1b[2Jsts=a' holds a byte that is not printable ASCII");
    assert_refused("paging=4\r\n", "word 'paging=4\\x0d\\x0a' holds a byte that is not printable ASCII");
    assert_refused("\x7flist", "word '\\x7flist' holds a byte that is not printable ASCII");
    for (unsigned byte = 1; byte < 256; byte++) {
        char line[16] = {'l', 'i', 's', 't', (char)byte};
        char want[ERR_SIZE];

        if (byte > ' ' && byte < 0x7f)
            snprintf(want, sizeof(want), byte == '=' ? "list=: want no value" : "unknown word '%s'", line);
        else
            snprintf(want, sizeof(want), "word 'list\\x%02x' holds a byte that is not printable ASCII", byte);
        if (byte == ' ' || byte == '\t')
            parse_good(line);
        else
            assert_refused(line, want);
    }
}

/* Lines made of parts of good ones: a refusal is a printable sentence, and what is accepted is in its bounds.
 */
static void noise(void **state)
{
    static const char *const parts[] = {
        "tests=", "paging=", "seed=", "effort=", "console=",    "after=", "list", "matrix=", "smp=",
        "bench=", "4",       "both",  "0x",      "0x3f8",       "com1",   ",",    "9600",    "auto",
        "off",    "quick",   " ",     " ",       "\t",          "*",      "?",    "-",       "a_l4",
        "=",      "1",       "\x01",  "\xff",    "pks_faults=", "strict", "halt", "100",     "9999999999",
    };
    uint64_t seed = 2;
    unsigned good = 0;

    (void)state;
    for (unsigned round = 0; round < 100000; round++) {
        char line[256] = "", err[ERR_SIZE];
        struct args args;
        size_t used = 0;

        for (uint64_t n = rng_next(&seed) % 8; n > 0; n--) {
            const char *part = parts[rng_next(&seed) % COUNT(parts)];

            memcpy(line + used, part, strlen(part) + 1);
            used += strlen(part);
        }
        if (!parse(line, &args, err))
            continue;
        good++;
        assert_true(strlen(args.tests) < sizeof(args.tests));
        assert_in_range(args.effort, 1, 100000);
        assert_in_range(args.console.address, 0, args.console.kind == CONSOLE_PORT ? 0xfff8 : 1ull << 52);
        assert_true(args.console.baud == 0 || 115200 % args.console.baud == 0);
    }
    assert_in_range(good, 10000, 90000); /* neither all good nor all bad */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_that_do_not_print),
        cmocka_unit_test(noise),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
