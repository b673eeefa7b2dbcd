/* format() against the host's snprintf() where the two promise the same, and against rows by hand elsewhere.
 */

#include "host.h"

#include "format.h"

#include <limits.h>
#include <stdio.h>

/* Without the attribute of format(), so that formats outside the subset can be passed. */
static size_t print(char *buf, size_t size, const char *fmt, ...)
{
    va_list args;
    size_t length;

    va_start(args, fmt);
    length = vformat(buf, size, fmt, args);
    va_end(args);
    return length;
}

#define assert_prints(want, ...)                                                                             \
    do {                                                                                                     \
        char got[128];                                                                                       \
        assert_int_equal(print(got, sizeof(got), __VA_ARGS__), strlen(want));                                \
        assert_string_equal(got, want);                                                                      \
    } while (0)

/* The same call for both. */
#define assert_as_snprintf(...)                                                                              \
    do {                                                                                                     \
        char want[128];                                                                                      \
        snprintf(want, sizeof(want), __VA_ARGS__);                                                           \
        assert_prints(want, __VA_ARGS__);                                                                    \
    } while (0)

static const char *const flags[] = {"", "-", "0", "-0", "0-", "00"};
static const char *const widths[] = {"", "1", "5", "12", "30"};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

static void numbers_of_all_lengths(void **state)
{
    static const int64_t values[] = {0, 1, -1, 9, 10, 42, -42, INT_MAX, INT_MIN, INT64_MAX, INT64_MIN};
    static const char conversions[] = "dux";
    char fmt[32];

    (void)state;
    for (size_t f = 0; f < COUNT(flags); f++)
        for (size_t w = 0; w < COUNT(widths); w++)
            for (const char *c = conversions; *c != '\0'; c++)
                for (size_t v = 0; v < COUNT(values); v++) {
                    snprintf(fmt, sizeof(fmt), "[%%%s%s%c]", flags[f], widths[w], *c);
                    assert_as_snprintf(fmt, (int)values[v]);
                    snprintf(fmt, sizeof(fmt), "[%%%s%sl%c]", flags[f], widths[w], *c);
                    assert_as_snprintf(fmt, (long)values[v]);
                    snprintf(fmt, sizeof(fmt), "[%%%s%sll%c]", flags[f], widths[w], *c);
                    assert_as_snprintf(fmt, (long long)values[v]);
                    snprintf(fmt, sizeof(fmt), "[%%%s%sz%c]", flags[f], widths[w], *c);
                    assert_as_snprintf(fmt, (size_t)values[v]);
                }
}

static void texts_and_characters(void **state)
{
    static const char *const precisions[] = {"", ".", ".0", ".1", ".3", ".9", ".999"};
    static const char *const texts[] = {"", "a", "abc", "abcdefghijk"};
    char fmt[32];

    (void)state;
    for (size_t f = 0; f < 2; f++) /* the standard leaves '0' undefined here */
        for (size_t w = 0; w < COUNT(widths); w++) {
            for (size_t p = 0; p < COUNT(precisions); p++)
                for (size_t t = 0; t < COUNT(texts); t++) {
                    snprintf(fmt, sizeof(fmt), "[%%%s%s%ss]", flags[f], widths[w], precisions[p]);
                    assert_as_snprintf(fmt, texts[t]);
                }
            for (int precision = -2; precision < 5; precision++) {
                snprintf(fmt, sizeof(fmt), "[%%%s%s.*s]", flags[f], widths[w]);
                assert_as_snprintf(fmt, precision, "abc");
            }
            snprintf(fmt, sizeof(fmt), "[%%%s%sc]", flags[f], widths[w]);
            assert_as_snprintf(fmt, 'x');
            snprintf(fmt, sizeof(fmt), "[%%%s%sp]", flags[f], widths[w]);
            assert_as_snprintf(fmt, (void *)state);
        }
}

#pragma GCC diagnostic pop

static void what_the_standard_leaves_open(void **state)
{
    (void)state;
    assert_prints("(null)", "%s", (char *)NULL);
    assert_prints("(nu", "%.3s", (char *)NULL);
    assert_prints("0x0", "%p", (void *)NULL);
    assert_int_equal(print(NULL, 0, "%999d", 1), 999);
    assert_prints("0x00001f", "%08p", (void *)0x1f);
    assert_prints("  ab", "%04s", "ab");
    assert_prints("   c", "%04c", 'c');
}

static void outside_the_subset_as_it_stands(void **state)
{
    static const char *const formats[] = {
        "%",      "%5",   "%-",   "%l",      "%q",  "%i",  "%X",   "%f",  "%5.2d",
        "%.*x",   "%.3c", "%hhx", "%ls",     "%zp", "%+d", "%#x",  "% d", "%llls",
        "%1000d", "%*d",  "%5%",  "%.1000s", "%.*", "%.",  "%lll", "%jd", "%99999999999999999999999u"};

    (void)state;
    for (size_t i = 0; i < COUNT(formats); i++) {
        char fmt[64], want[64];

        snprintf(fmt, sizeof(fmt), "%s", formats[i]);
        assert_prints(formats[i], fmt);
        /* None of them takes the argument of the next one. */
        snprintf(fmt, sizeof(fmt), "%s|%%d", formats[i]);
        snprintf(want, sizeof(want), "%s|7", formats[i]);
        assert_prints(want, fmt, 7);
    }
    assert_prints("100%", "%d%%", 100);
    assert_prints("%d", "%%d", 1);
    assert_prints("%7", "%%%d", 7);
}

static void arguments_of_mixed_sizes_in_turn(void **state)
{
    (void)state;
    assert_as_snprintf("%d %lld %c %s %x %zu %.*s %p %u %s", -1, -1LL, 'c', "s", 0xffu, (size_t)3, 2, "xyz",
                       (void *)state, 7u, "end");
}

static void cut_at_every_size(void **state)
{
    const char *want = "ab  -7|0000001f|xy...";
    size_t length = strlen(want);

    (void)state;
    for (size_t size = 0; size <= length + 3; size++) {
        char *buf = exact_room(size);

        assert_int_equal(format(buf, size, "%-4s%d|%08x|%.2s...", "ab", -7, 0x1fu, "xyz"), length);
        if (size > 0) {
            size_t kept = size - 1 < length ? size - 1 : length;

            assert_memory_equal(buf, want, kept);
            assert_int_equal(buf[kept], '\0');
        }
        exact_free(buf);
    }
    assert_int_equal(format(NULL, 0, "%s", "abc"), 3);
}

static size_t say_behind(char *buf, size_t size, size_t used, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vformat_behind(buf, size, used, fmt, args);
    va_end(args);
    return strlen(buf);
}

static void behind_what_stands(void **state)
{
    (void)state;
    for (size_t size = 4; size <= 9; size++) { /* "abc" and its NUL always fit */
        char *buf = exact_room(size);
        size_t used = format(buf, size, "abc");

        assert_int_equal(say_behind(buf, size, used, "%d", 1234), size - 1 < 7 ? size - 1 : 7);
        assert_memory_equal(buf, "abc1234", strlen(buf));
        exact_free(buf);
    }
    for (size_t used = 4; used <= 6; used++) { /* it was cut already */
        char *buf = exact_room(4);

        format(buf, 4, "%s", "abcdef");
        assert_int_equal(say_behind(buf, 4, used, "x"), 3);
        assert_string_equal(buf, "abc");
        exact_free(buf);
    }
}

static void a_precision_bounds_what_is_read(void **state)
{
    char *text = exact_copy("abc", 3); /* no NUL */

    (void)state;
    assert_prints("abc", "%.3s", text);
    assert_prints("ab", "%.*s", 2, text);
    assert_prints("", "%.0s", text);
    exact_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_all_lengths),           cmocka_unit_test(texts_and_characters),
        cmocka_unit_test(what_the_standard_leaves_open),    cmocka_unit_test(outside_the_subset_as_it_stands),
        cmocka_unit_test(arguments_of_mixed_sizes_in_turn), cmocka_unit_test(cut_at_every_size),
        cmocka_unit_test(a_precision_bounds_what_is_read),  cmocka_unit_test(behind_what_stands),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
