#pragma once
/* The letters of the framebuffer console. */

#include <stdint.h>

#define FONT_FIRST  ' '
#define FONT_LAST   '~'
#define FONT_GLYPHS (FONT_LAST - FONT_FIRST + 1)
#define FONT_WIDTH  8
#define FONT_HEIGHT 13

extern const uint8_t font[FONT_GLYPHS][FONT_HEIGHT]; /* one byte per line, the leftmost pixel in bit 7 */
