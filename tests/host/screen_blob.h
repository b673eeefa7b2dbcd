#pragma once
/* A screen on memory of exactly its size: what is drawn is read back through the font, letter by letter. */

#include "host.h"

#include "font.h"
#include "screen.h"

#define PITCH_EXTRA 64 /* bytes behind each line that must stay as they are */
#define UNTOUCHED   0x5c

static struct screen screen;

static inline struct framebuffer rgb(uint32_t width, uint32_t height, uint8_t bpp)
{
    uint32_t bytes = (bpp + 7u) / 8;

    return (struct framebuffer){.address = 0x1000,
                                .pitch = width * bytes + PITCH_EXTRA,
                                .width = width,
                                .height = height,
                                .bpp = bpp,
                                .type = 1};
}

static inline struct framebuffer text(uint32_t columns, uint32_t rows)
{
    return (struct framebuffer){
        .address = 0xb8000, .pitch = columns * 2, .width = columns, .height = rows, .bpp = 16, .type = 2};
}

/* Opens the mode on fresh memory full of rubbish. */
static inline uint8_t *open_on(struct framebuffer mode)
{
    uint64_t bytes = screen_bytes(&mode);
    uint8_t *memory = malloc(bytes);

    assert_true(bytes == (uint64_t)mode.pitch * mode.height);
    assert_non_null(memory);
    memset(memory, UNTOUCHED, bytes);
    screen_open(&screen, &mode, memory);
    return memory;
}

static inline void write_text(const char *s)
{
    screen_write(&screen, s, strlen(s));
}

static inline bool pixel(const uint8_t *memory, unsigned x, unsigned y)
{
    unsigned bytes = (screen.mode.bpp + 7u) / 8;
    const uint8_t *at = memory + (size_t)y * screen.mode.pitch + (size_t)x * bytes;

    assert_true(*at == 0 || *at == 0xff);
    for (unsigned i = 1; i < bytes; i++)
        assert_int_equal(at[i], at[0]);
    return *at;
}

/* The letter drawn with its corner at x, y; 0 where there is none. */
static inline char letter(const uint8_t *memory, unsigned x, unsigned y, unsigned scale)
{
    uint8_t seen[FONT_HEIGHT] = {0};

    for (unsigned i = 0; i < FONT_HEIGHT * scale; i++)
        for (unsigned j = 0; j < FONT_WIDTH * scale; j++) {
            bool on = pixel(memory, x + j, y + i);

            if (i % scale == 0 && j % scale == 0)
                seen[i / scale] |= (uint8_t)(on << (FONT_WIDTH - 1 - j / scale));
            else
                assert_int_equal(on, seen[i / scale] >> (FONT_WIDTH - 1 - j / scale) & 1);
        }
    for (unsigned c = 0; c < FONT_GLYPHS; c++)
        if (memcmp(seen, font[c], FONT_HEIGHT) == 0)
            return (char)(c + FONT_FIRST);
    return 0;
}

static inline void assert_row(const uint8_t *memory, unsigned row, const char *want)
{
    for (unsigned column = 0; column < screen.columns; column++) {
        char wanted = column < strlen(want) ? want[column] : ' ';
        char got = screen.scale ? letter(memory, column * FONT_WIDTH * screen.scale,
                                         row * FONT_HEIGHT * screen.scale, screen.scale)
                                : (char)memory[row * screen.mode.pitch + column * 2];

        if (got != wanted)
            fail_msg("row %u column %u: '%c', not '%c'", row, column, got, wanted);
    }
}

static inline void assert_padding(const uint8_t *memory)
{
    for (unsigned y = 0; y < screen.mode.height; y++)
        for (unsigned i = screen.mode.pitch - PITCH_EXTRA; i < screen.mode.pitch; i++)
            assert_int_equal(memory[(size_t)y * screen.mode.pitch + i], UNTOUCHED);
}
