/* CRC-32 against vectors published elsewhere. */

#include "host.h"

#include "crc32.h"

static void known_vectors(void **state)
{
    /* "123456789": the check value of CRC-32/ISO-HDLC in every catalogue; the others by zlib. */
    static const struct {
        const char *text;
        uint32_t crc;
    } vectors[] = {
        {"", 0},
        {"a", 0xe8b7be43},
        {"abc", 0x352441c2},
        {"123456789", 0xcbf43926},
        {"The quick brown fox jumps over the lazy dog", 0x414fa339},
    };
    uint8_t block[32] = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(vectors); i++)
        assert_int_equal(crc32(0, vectors[i].text, strlen(vectors[i].text)), vectors[i].crc);
    assert_int_equal(crc32(0, block, sizeof(block)), 0x190a55ad);
    memset(block, 0xff, sizeof(block));
    assert_int_equal(crc32(0, block, sizeof(block)), 0xff6cab0b);
}

static void split_at_every_byte(void **state)
{
    const char *text = "The quick brown fox jumps over the lazy dog";
    size_t size = strlen(text);

    (void)state;
    for (size_t first = 0; first <= size; first++) {
        uint8_t *a = exact_copy(text, first);
        uint8_t *b = exact_copy(text + first, size - first);

        assert_int_equal(crc32(crc32(0, a, first), b, size - first), 0x414fa339);
        exact_free(a);
        exact_free(b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_vectors),
        cmocka_unit_test(split_at_every_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
