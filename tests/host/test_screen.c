/* Lines on a screen: depths, sizes, scrolling, modes that cannot be used. */

#include "screen_blob.h"

static void letters_differ(void **state)
{
    (void)state;
    for (unsigned a = 0; a < FONT_GLYPHS; a++)
        for (unsigned b = 0; b < a; b++)
            assert_true(memcmp(font[a], font[b], FONT_HEIGHT) != 0);
}

static void every_depth_shows_the_same(void **state)
{
    static const uint8_t depths[] = {15, 16, 24, 32};

    (void)state;
    for (size_t i = 0; i < COUNT(depths); i++) {
        uint8_t *memory = open_on(rgb(83, 53, depths[i])); /* 10 columns, 4 rows, and a rest of both */

        assert_true(screen.columns == 10 && screen.rows == 4 && screen.scale == 1);
        write_text("Az~ #9\r\n!\r\n\r\n0123456789");
        assert_row(memory, 0, "Az~ #9");
        assert_row(memory, 1, "!");
        assert_row(memory, 2, "");
        assert_row(memory, 3, "0123456789");
        assert_padding(memory);
        free(memory);
    }
}

static void large_screens_get_larger_letters(void **state)
{
    static const struct {
        unsigned width, height, scale, columns, rows;
    } rows[] = {{1024, 768, 1, 128, 59},  {1280, 1024, 1, 160, 78}, {1919, 1080, 1, 239, 83},
                {1920, 1200, 2, 120, 46}, {3840, 2160, 4, 120, 41}, {8, 13, 1, 1, 1},
                {16, 8192, 1, 2, 128}};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t *memory = open_on(rgb(rows[i].width, rows[i].height, 32));

        assert_int_equal(screen.scale, rows[i].scale);
        assert_int_equal(screen.columns, rows[i].columns);
        assert_int_equal(screen.rows, rows[i].rows);
        write_text("X");
        assert_row(memory, 0, "X");
        free(memory);
    }
}

static void long_lines_continue_and_the_screen_moves_up(void **state)
{
    struct framebuffer modes[2] = {rgb(80, 13 * 8, 32), text(10, 8)};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        uint8_t *memory = open_on(modes[i]);

        assert_true(screen.columns == 10 && screen.rows == 8);
        write_text("0123456789ab\r\n");
        assert_row(memory, 0, "0123456789");
        assert_row(memory, 1, "ab");
        write_text("2\r\n3\r\n4\r\n5\r\n6\r\n7");
        assert_row(memory, 7, "7");
        write_text("\r\n");
        assert_row(memory, 0, "2"); /* by a quarter */
        assert_row(memory, 5, "7");
        assert_row(memory, 6, "");
        assert_row(memory, 7, "");
        write_text("8\r\n9");
        assert_row(memory, 6, "8");
        assert_row(memory, 7, "9");
        free(memory);
    }
}

/* A framebuffer is slow memory: a cell that stays the same is left alone. */
static void what_stays_the_same_is_not_drawn(void **state)
{
    uint8_t *memory = open_on(rgb(8, 13 * 4, 32));

    (void)state;
    write_text("a\r\na\r\nb\r\nc");
    memory[0] = UNTOUCHED;
    write_text("\r\n"); /* moves up by one */
    assert_int_equal(memory[0], UNTOUCHED);
    memory[0] = 0;
    assert_row(memory, 0, "a");
    assert_row(memory, 1, "b");
    free(memory);
}

static void anything_can_be_written(void **state)
{
    struct framebuffer mode = rgb(80, 130, 32);
    uint8_t *memory = open_on(mode);

    (void)state;
    for (int c = -128; c < 128; c++) {
        char byte = (char)c;

        for (unsigned i = 0; i < 7; i++)
            screen_write(&screen, &byte, 1);
    }
    assert_padding(memory);
    free(memory);
}

static void modes_that_cannot_be_used(void **state)
{
    struct framebuffer good = rgb(1024, 768, 32), bad;

    (void)state;
    assert_true(screen_bytes(&good) == (1024 * 4 + PITCH_EXTRA) * 768);
#define REFUSED(change)                                                                                      \
    bad = good;                                                                                              \
    bad.change;                                                                                              \
    assert_true(screen_bytes(&bad) == 0)
    REFUSED(address = 0);
    REFUSED(address = 0x1002);
    REFUSED(type = 0);
    REFUSED(type = 3);
    REFUSED(bpp = 8);
    REFUSED(bpp = 255);
    REFUSED(width = 7);
    REFUSED(width = 1025 + PITCH_EXTRA / 4);
    REFUSED(width = 0xffffffff);
    REFUSED(height = 12);
    REFUSED(height = 8193);
    REFUSED(height = 0xffffffff);
    REFUSED(pitch = 4095);
    REFUSED(pitch = 4098);
    REFUSED(pitch = 0xfffffffc);
    good = text(80, 25);
    REFUSED(pitch = 159);
    REFUSED(width = 0);
    REFUSED(height = 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_differ),
        cmocka_unit_test(every_depth_shows_the_same),
        cmocka_unit_test(large_screens_get_larger_letters),
        cmocka_unit_test(long_lines_continue_and_the_screen_moves_up),
        cmocka_unit_test(what_stays_the_same_is_not_drawn),
        cmocka_unit_test(anything_can_be_written),
        cmocka_unit_test(modes_that_cannot_be_used),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
