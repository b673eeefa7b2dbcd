/* The kernel's string functions under other names, next to the host's. */

#include "host.h"

#define memcpy  own_memcpy
#define memmove own_memmove
#define memset  own_memset
#define memcmp  own_memcmp
#define strlen  own_strlen
#define strcmp  own_strcmp
#define strncmp own_strncmp
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#include "../../lib/string.c"
#pragma GCC diagnostic pop
#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef strlen
#undef strcmp
#undef strncmp

#define ROOM 24

/* String instructions are not seen by the sanitizer: the bytes around the target are compared instead. */
static void copies_of_every_length_and_distance(void **state)
{
    (void)state;
    for (size_t size = 0; size <= ROOM / 3; size++)
        for (size_t from = 0; from + size <= ROOM; from++)
            for (size_t to = 0; to + size <= ROOM; to++) {
                uint8_t own[ROOM], host[ROOM];

                for (size_t i = 0; i < ROOM; i++)
                    own[i] = host[i] = (uint8_t)(i + 1);
                assert_ptr_equal(own_memmove(own + to, own + from, size), own + to);
                memmove(host + to, host + from, size);
                assert_memory_equal(own, host, ROOM);
                if (to + size > from && from + size > to)
                    continue;
                assert_ptr_equal(own_memcpy(own + to, own + from, size), own + to);
                memcpy(host + to, host + from, size);
                assert_memory_equal(own, host, ROOM);
            }
}

static void fills_of_every_length(void **state)
{
    (void)state;
    for (size_t size = 0; size < ROOM; size++) {
        uint8_t own[ROOM] = {0}, host[ROOM] = {0};

        assert_ptr_equal(own_memset(own + 1, 0x1a5, size), own + 1);
        memset(host + 1, 0xa5, size);
        assert_memory_equal(own, host, ROOM);
    }
}

static int sign(int value)
{
    return (value > 0) - (value < 0);
}

static void comparisons_of_every_pair(void **state)
{
    static const char *const texts[] = {"", "a", "b", "ab", "aa", "abc", "a\x80", "a\xff", "abcdefgh"};

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++)
        for (size_t j = 0; j < COUNT(texts); j++) {
            const char *a = exact_copy(texts[i], strlen(texts[i]) + 1);
            const char *b = exact_copy(texts[j], strlen(texts[j]) + 1);
            size_t shorter = strlen(a) < strlen(b) ? strlen(a) : strlen(b);

            assert_int_equal(sign(own_strcmp(a, b)), sign(strcmp(a, b)));
            for (size_t size = 0; size < 12; size++)
                assert_int_equal(sign(own_strncmp(a, b, size)), sign(strncmp(a, b, size)));
            for (size_t size = 0; size <= shorter; size++)
                assert_int_equal(sign(own_memcmp(a, b, size)), sign(memcmp(a, b, size)));
            assert_int_equal(own_strlen(a), strlen(a));
            exact_free(a);
            exact_free(b);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_of_every_length_and_distance),
        cmocka_unit_test(fills_of_every_length),
        cmocka_unit_test(comparisons_of_every_pair),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
