/* Text from firmware as one word: nothing of it may end the word or the line. */

#include "host.h"

#include "word.h"

static void words(void **state)
{
    static const char *const rows[][2] = {
        {"GenuineIntel", "GenuineIntel"},
        {"  Intel(R) Xeon(R)   Gold 6430  ", "Intel(R)_Xeon(R)_Gold_6430"},
        {"", "none"},
        {" \t ", "none"},
        {"\xff\xfe", "none"},
        {"a\r\nb", "a_b"},
        {"M\xc3\xbcller & S\xc3\xb6hne", "M_ller_&_S_hne"},
        {"x\x7fy", "x_y"},
        {"_", "none"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *to = exact_room(64);

        assert_int_equal(word_copy(to, 64, rows[i][0]), strlen(rows[i][1]));
        assert_string_equal(to, rows[i][1]);
        exact_free(to);
    }
}

static void every_byte_at_every_size(void **state)
{
    (void)state;
    for (unsigned byte = 1; byte < 256; byte++)
        for (size_t size = 5; size < 12; size++) {
            const char text[] = {'a', 'b', (char)byte, 'c', 'd', (char)byte, 'e', '\0'};
            char *to = exact_room(size);
            size_t length = word_copy(to, size, text);

            assert_int_equal(length, strlen(to));
            assert_true(length > 0 && length < size);
            for (size_t i = 0; i < length; i++)
                assert_in_range((unsigned char)to[i], '!', '~');
            exact_free(to);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words),
        cmocka_unit_test(every_byte_at_every_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
