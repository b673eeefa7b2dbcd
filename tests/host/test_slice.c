/* Parts of texts: comparing, cutting, reading as numbers, printing. No slice here has a NUL behind it. */

#include "host.h"

#include "slice.h"

#include <stdio.h>

static struct slice slice(const char *text)
{
    return (struct slice){exact_copy(text, strlen(text)), strlen(text)};
}

static void equal_in_length_and_bytes(void **state)
{
    static const char *const texts[] = {"", "a", "b", "ab", "list"};

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct slice s = slice(texts[i]);

        for (size_t j = 0; j < COUNT(texts); j++)
            assert_int_equal(slice_equals(s, texts[j]), i == j);
        exact_free(s.s);
    }
    assert_true(slice_equals((struct slice){NULL, 0}, ""));
    assert_false(slice_equals((struct slice){NULL, 0}, "a"));
}

static void cut_at_the_first_separator(void **state)
{
    static const struct {
        const char *text;
        const char *before;
        const char *behind; /* NULL where there is no separator */
    } rows[] = {
        {"", "", NULL},  {"a", "a", NULL},  {",", "", ""},         {"a,", "a", ""},
        {",b", "", "b"}, {"a,b", "a", "b"}, {"a,b,c", "a", "b,c"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct slice s = slice(rows[i].text);
        struct slice rest = {"x", 1};

        assert_true(slice_equals(slice_cut(s, ',', &rest), rows[i].before));
        if (rows[i].behind == NULL)
            assert_null(rest.s);
        else
            assert_true(rest.s != NULL && slice_equals(rest, rows[i].behind));
        exact_free(s.s);
    }
}

static void numbers(void **state)
{
    static const struct {
        const char *text;
        uint64_t want;
    } rows[] = {
        {"0", 0},
        {"7", 7},
        {"007", 7},
        {"115200", 115200},
        {"18446744073709551615", UINT64_MAX},
        {"0x0", 0},
        {"0x3f8", 0x3f8},
        {"0xABCDEF", 0xabcdef},
        {"0xabcdef", 0xabcdef},
        {"0xffffffffffffffff", UINT64_MAX},
        {"0x00000000000000000001", 1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct slice s = slice(rows[i].text);
        uint64_t number;

        assert_true(slice_number(s, &number));
        assert_true(number == rows[i].want);
        exact_free(s.s);
    }
}

static void what_is_no_number(void **state)
{
    static const char *const texts[] = {"",
                                        "x",
                                        "0x",
                                        "0X1",
                                        "-1",
                                        "+1",
                                        " 1",
                                        "1 ",
                                        "1a",
                                        "a",
                                        "0xg",
                                        "0x-1",
                                        "1.5",
                                        ":",
                                        "/",
                                        "18446744073709551616",
                                        "@",
                                        "`1",
                                        "0x@",
                                        "18446744073709551620",
                                        "0x10000000000000000",
                                        "99999999999999999999999999"};

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct slice s = slice(texts[i]);
        uint64_t number;

        assert_false(slice_number(s, &number));
        exact_free(s.s);
    }
    assert_false(slice_number((struct slice){NULL, 0}, &(uint64_t){0}));
}

static void texts_for_messages(void **state)
{
    static const char sixty[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789ab";
    static const struct {
        const char *behind; /* the 60 characters above */
        const char *want;
    } long_rows[] = {
        {"", ""},          {"cdef", "cdef"},  {"cdefx", "cdef..."},
        {"\x01", "\\x01"}, {"c\x01", "c..."}, {"\x01x", "\\x01..."},
    };

    (void)state;
    assert_string_equal(slice_text((struct slice){NULL, 0}).s, "");
    assert_string_equal(slice_text((struct slice){" ~a\n\x1b\x7f\x80\xff%d", 10}).s,
                        " ~a\\x0a\\x1b\\x7f\\x80\\xff%d");
    assert_string_equal(slice_text((struct slice){"a\0b", 3}).s, "a\\x00b");
    for (size_t i = 0; i < COUNT(long_rows); i++) {
        char text[80] = "", want[80] = "";
        struct slice s;

        snprintf(text, sizeof(text), "%s%s", sixty, long_rows[i].behind);
        snprintf(want, sizeof(want), "%s%s", sixty, long_rows[i].want);
        s = slice(text);
        assert_string_equal(slice_text(s).s, want);
        exact_free(s.s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_in_length_and_bytes),
        cmocka_unit_test(cut_at_the_first_separator),
        cmocka_unit_test(numbers),
        cmocka_unit_test(what_is_no_number),
        cmocka_unit_test(texts_for_messages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
