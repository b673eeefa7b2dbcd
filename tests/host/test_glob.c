/* Patterns against rows by hand and against a matcher that is too simple to be wrong. */

#include "host.h"

#include "glob.h"

/* The definition, written down: a star takes nothing or one character more. */
static bool matches(const char *pattern, const char *text)
{
    if (*pattern == '\0')
        return *text == '\0';
    if (*pattern == '*')
        return matches(pattern + 1, text) || (*text != '\0' && matches(pattern, text + 1));
    return *text != '\0' && (*pattern == '?' || *pattern == *text) && matches(pattern + 1, text + 1);
}

/* The number-th word over the letters, in order of length. */
static void word(unsigned number, const char *letters, char *out)
{
    unsigned base = (unsigned)strlen(letters);

    for (; number > 0; number = (number - 1) / base)
        *out++ = letters[(number - 1) % base];
    *out = '\0';
}

static void every_short_pattern_on_every_short_text(void **state)
{
    char pattern[16], text[16];

    (void)state;
    for (unsigned p = 0; p < 1 + 4 + 16 + 64 + 256 + 1024; p++)
        for (unsigned t = 0; t < 1 + 2 + 4 + 8 + 16 + 32; t++) {
            char *exact;

            word(p, "ab*?", pattern);
            word(t, "ab", text);
            exact = exact_copy(pattern, strlen(pattern));
            assert_int_equal(glob_match(exact, strlen(pattern), text), matches(pattern, text));
            exact_free(exact);
        }
}

static void rows_by_hand(void **state)
{
    static const struct {
        const char *pattern;
        const char *text;
        bool want;
    } rows[] = {
        {"rights_*", "rights_wd_needs_wp_l4", true},
        {"rights_*_l5", "rights_wd_needs_wp_l4", false},
        {"*_l?", "rights_wd_needs_wp_l4", true},
        {"*wd*wp*", "rights_wd_needs_wp_l4", true},
        {"rights", "rights_wd", false},
        {"rights_wd", "rights", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(glob_match(rows[i].pattern, strlen(rows[i].pattern), rows[i].text), rows[i].want);
}

/* Exponential in the number of stars if each may try everything. */
static void many_stars_end(void **state)
{
    const char *pattern = "*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b";
    char text[65];

    (void)state;
    memset(text, 'a', 64);
    text[64] = '\0';
    assert_false(glob_match(pattern, strlen(pattern), text));
}

static void lists(void **state)
{
    static const struct {
        const char *list;
        const char *id;
        bool want;
    } rows[] = {
        {"", "ab", true},          {",", "ab", true},       {",,-", "ab", true},
        {"ab", "ab", true},        {"ab", "abc", false},    {"x,ab", "ab", true},
        {"ab,x", "ab", true},      {",ab,", "ab", true},    {",ab,", "x", false},
        {"-ab", "ab", false},      {"-ab", "abc", true},    {"-x,-ab", "ab", false},
        {"-ab,-x", "ab", false},   {"-x,-y", "ab", true},   {"a*,-ab*", "ac", true},
        {"a*,-ab*", "abc", false}, {"a*,-ab*", "x", false}, {"-ab*,a*", "abc", false},
        {"-ab*,a*", "ac", true},   {"a*,-ab", "abc", true}, {"x,y,z", "ab", false},
        {"-", "ab", true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *exact = exact_copy(rows[i].list, strlen(rows[i].list) + 1);

        assert_int_equal(glob_selects(exact, rows[i].id), rows[i].want);
        exact_free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_short_pattern_on_every_short_text),
        cmocka_unit_test(rows_by_hand),
        cmocka_unit_test(many_stars_end),
        cmocka_unit_test(lists),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
