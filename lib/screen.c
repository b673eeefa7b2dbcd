#include "screen.h"

#include "font.h"
#include "string.h"

enum { TYPE_RGB = 1, TYPE_TEXT = 2 };

#define SCALE_WIDTH  960u /* pixels for each step of the scale: from 120 columns to fewer than 240 */
#define TEXT_BLOCK   0xdb /* code page 437: a whole cell */
#define TEXT_ON      0x0f
#define TEXT_PLAIN   0x07
#define MEASURE_MAX  8192u
#define SCROLL_PARTS 4u /* a scroll moves the screen by this part of it */

static bool known_depth(unsigned bpp)
{
    return bpp == 15 || bpp == 16 || bpp == 24 || bpp == 32;
}

uint64_t screen_bytes(const struct framebuffer *mode)
{
    bool text = mode->type == TYPE_TEXT;
    uint64_t line = text ? (uint64_t)mode->width * 2 : (uint64_t)mode->width * ((mode->bpp + 7) / 8);

    if (!mode->address || (!text && (mode->type != TYPE_RGB || !known_depth(mode->bpp))))
        return 0;
    if (mode->width < (text ? 1 : FONT_WIDTH) || mode->height < (text ? 1 : FONT_HEIGHT))
        return 0;
    if (mode->width > MEASURE_MAX || mode->height > MEASURE_MAX || mode->pitch < line ||
        mode->pitch > MEASURE_MAX * 4)
        return 0;
    if (!text && mode->bpp == 32 && (mode->address | mode->pitch) % sizeof(uint32_t))
        return 0;
    return (uint64_t)mode->pitch * mode->height;
}

static volatile uint8_t *pixel_at(const struct screen *screen, unsigned x, unsigned y)
{
    return screen->memory + (size_t)y * screen->mode.pitch + (size_t)x * ((screen->mode.bpp + 7) / 8);
}

/* `count` pixels of one colour; returns where the next one stands. */
static volatile uint8_t *pixels_put(const struct screen *screen, volatile uint8_t *at, unsigned count,
                                    bool on)
{
    unsigned bytes = count * ((screen->mode.bpp + 7) / 8);
    volatile uint32_t *whole = (volatile uint32_t *)(uintptr_t)at;

    if (screen->mode.bpp == 32) {
        while (count--)
            *whole++ = on ? UINT32_MAX : 0;
        return (volatile uint8_t *)whole;
    }
    while (bytes--)
        *at++ = on ? 0xff : 0;
    return at;
}

static const uint8_t *glyph(char c)
{
    return font[(c < FONT_FIRST || c > FONT_LAST ? '?' : c) - FONT_FIRST];
}

static bool glyph_on(char c, unsigned x, unsigned y)
{
    return glyph(c)[y] >> (FONT_WIDTH - 1 - x) & 1;
}

/* Draws what differs between two letters. */
static void glyph_put(const struct screen *screen, unsigned left, unsigned top, unsigned scale, char from,
                      char to)
{
    const uint8_t *old = glyph(from), *now = glyph(to);

    for (unsigned y = 0; y < FONT_HEIGHT * scale; y++) {
        volatile uint8_t *at = pixel_at(screen, left, top + y);

        for (unsigned x = 0; x < FONT_WIDTH && old[y / scale] != now[y / scale]; x++)
            at = pixels_put(screen, at, scale, glyph_on(to, x, y / scale));
    }
}

static void text_put(const struct screen *screen, unsigned row, unsigned column, uint8_t c, uint8_t colour)
{
    volatile uint8_t *at = screen->memory + (size_t)row * screen->mode.pitch + (size_t)column * 2;

    at[0] = c;
    at[1] = colour;
}

static void cell_put(struct screen *screen, unsigned row, unsigned column, char c)
{
    char old = screen->shown[row][column];

    if (old == c)
        return;
    screen->shown[row][column] = c;
    if (screen->scale)
        glyph_put(screen, column * FONT_WIDTH * screen->scale, row * FONT_HEIGHT * screen->scale,
                  screen->scale, old, c);
    else
        text_put(screen, row, column, (uint8_t)c, TEXT_PLAIN);
}

static unsigned at_most(unsigned value, unsigned limit)
{
    return value < limit ? value : limit;
}

void screen_open(struct screen *screen, const struct framebuffer *mode, volatile void *memory)
{
    memset(screen, 0, sizeof(*screen));
    screen->memory = memory;
    screen->mode = *mode;
    screen->columns = mode->width;
    screen->rows = mode->height;
    if (mode->type == TYPE_RGB) {
        screen->scale = mode->width < SCALE_WIDTH ? 1 : mode->width / SCALE_WIDTH;
        screen->columns = mode->width / (FONT_WIDTH * screen->scale);
        screen->rows = mode->height / (FONT_HEIGHT * screen->scale);
        for (unsigned y = 0; y < mode->height; y++)
            pixels_put(screen, pixel_at(screen, 0, y), mode->width, false);
    }
    screen->columns = at_most(screen->columns, SCREEN_COLUMNS_MAX);
    screen->rows = at_most(screen->rows, SCREEN_ROWS_MAX);
    if (screen->scale) {
        memset(screen->shown, ' ', sizeof(screen->shown));
        return;
    }
    for (unsigned row = 0; row < screen->rows; row++)
        for (unsigned column = 0; column < screen->columns; column++)
            cell_put(screen, row, column, ' ');
}

static void scroll(struct screen *screen, unsigned by)
{
    for (unsigned row = 0; row < screen->rows; row++)
        for (unsigned column = 0; column < screen->columns; column++)
            cell_put(screen, row, column, row + by < screen->rows ? screen->shown[row + by][column] : ' ');
    screen->row = screen->row > by ? screen->row - by : 0;
}

static void line_feed(struct screen *screen)
{
    screen->column = 0;
    if (++screen->row == screen->rows)
        scroll(screen, (screen->rows + SCROLL_PARTS - 1) / SCROLL_PARTS);
}

void screen_write(struct screen *screen, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == '\n') {
            line_feed(screen);
        } else if (bytes[i] == '\r') {
            screen->column = 0;
        } else {
            if (screen->column == screen->columns)
                line_feed(screen);
            cell_put(screen, screen->row, screen->column++, bytes[i]);
        }
    }
}

/* Frees `rows` rows at the lower end, and returns the first of them. */
static unsigned make_room(struct screen *screen, unsigned rows)
{
    unsigned first = screen->rows - rows;

    if (screen->row > first)
        scroll(screen, screen->row - first);
    return first;
}

static void verdict_pixels(struct screen *screen, const char *word, unsigned length)
{
    unsigned scale =
        at_most(screen->mode.width / (length * FONT_WIDTH), screen->mode.height / 2 / FONT_HEIGHT);
    unsigned cell = FONT_HEIGHT * screen->scale;
    unsigned rows = at_most((scale * FONT_HEIGHT + cell - 1) / cell, screen->rows);
    unsigned top = make_room(screen, rows) * cell;
    unsigned left = (screen->mode.width - length * FONT_WIDTH * scale) / 2;

    for (unsigned i = 0; i < length; i++)
        glyph_put(screen, left + i * FONT_WIDTH * scale, top, scale, ' ', word[i]);
}

/* Character cells are about twice as high as wide. */
static void verdict_text(struct screen *screen, const char *word, unsigned length)
{
    unsigned scale = at_most(screen->columns / (length * FONT_WIDTH), 2);
    unsigned left = (screen->columns - length * FONT_WIDTH * scale) / 2;
    unsigned top = make_room(screen, at_most(FONT_HEIGHT, screen->rows));

    for (unsigned y = 0; y < FONT_HEIGHT && top + y < screen->rows; y++)
        for (unsigned x = 0; x < length * FONT_WIDTH * scale; x++)
            if (glyph_on(word[x / scale / FONT_WIDTH], x / scale % FONT_WIDTH, y))
                text_put(screen, top + y, left + x, TEXT_BLOCK, TEXT_ON);
}

void screen_verdict(struct screen *screen, const char *word)
{
    unsigned length = (unsigned)strlen(word);

    if (length && screen->scale)
        verdict_pixels(screen, word, length);
    else if (length)
        verdict_text(screen, word, length);
}
