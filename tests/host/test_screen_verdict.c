/* The verdict in letters one can read across the room. */

#include "screen_blob.h"

static void the_verdict_is_large_and_below_the_text(void **state)
{
    static const char *const words[] = {"PASS", "FAIL", "SKIP", "ERROR"};

    (void)state;
    for (unsigned w = 0; w < COUNT(words); w++) {
        unsigned length = (unsigned)strlen(words[w]);
        uint8_t *memory = open_on(rgb(1024, 768, 32));
        unsigned scale = length == 4 ? 29 : 25; /* the height decides for four letters, the width for five */
        unsigned top = (59 - (scale * 13 + 12) / 13) * 13, left = (1024 - length * 8 * scale) / 2;

        for (unsigned i = 0; i < 100; i++)
            write_text("a line\r\n");
        write_text("the last\r\n");
        screen_verdict(&screen, words[w]);
        for (unsigned i = 0; i < length; i++)
            assert_int_equal(letter(memory, left + i * 8 * scale, top, scale), words[w][i]);
        assert_row(memory, top / 13 - 1, "the last");
        assert_row(memory, top / 13 - 2, "a line");
        free(memory);
    }
}

/* A letter of blocks, each font pixel two cells wide. */
static void the_verdict_in_text_mode(void **state)
{
    uint8_t *memory = open_on(text(80, 25));

    (void)state;
    for (unsigned i = 0; i < 30; i++)
        write_text("a line\r\n");
    screen_verdict(&screen, "FAIL");
    for (unsigned y = 0; y < 13; y++)
        for (unsigned x = 0; x < 64; x++) {
            const uint8_t *cell = memory + (size_t)(12 + y) * 160 + (size_t)(8 + x) * 2;
            bool on = font["FAIL"[x / 16] - FONT_FIRST][y] >> (7 - x / 2 % 8) & 1;

            assert_int_equal(cell[0], on ? 0xdb : ' ');
        }
    assert_row(memory, 11, "a line");
    free(memory);
}

static void a_verdict_on_any_size(void **state)
{
    (void)state;
    for (unsigned width = 8; width < 300; width += 13)
        for (unsigned height = 13; height < 300; height += 17) {
            uint8_t *memory = open_on(rgb(width, height, 32));

            write_text("a\r\nb\r\nc\r\n");
            screen_verdict(&screen, "ERROR");
            assert_padding(memory);
            free(memory);
        }
    for (unsigned columns = 1; columns < 140; columns += 3)
        for (unsigned rows = 1; rows < 60; rows += 3) {
            uint8_t *memory = open_on(text(columns, rows));

            write_text("a\r\nb\r\nc\r\n");
            screen_verdict(&screen, "ERROR");
            free(memory);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_verdict_is_large_and_below_the_text),
        cmocka_unit_test(the_verdict_in_text_mode),
        cmocka_unit_test(a_verdict_on_any_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
