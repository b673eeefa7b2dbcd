#pragma once
/* Text on a framebuffer: RGB pixels, or the character cells of a VGA's text mode. Pure but for the memory it
 * is given. White on black, so that the order of the colours does not matter; a cell is drawn again only when
 * its character changes, because a framebuffer is slow memory. */

#include "boot_info.h"

#define SCREEN_COLUMNS_MAX 240
#define SCREEN_ROWS_MAX    128

struct screen {
    volatile uint8_t *memory; /* NULL: none */
    struct framebuffer mode;
    unsigned scale; /* pixels of the screen for each of the font's, in both directions; 0: text mode */
    unsigned columns, rows;
    unsigned column, row; /* where the next character goes */
    char shown[SCREEN_ROWS_MAX][SCREEN_COLUMNS_MAX];
};

/* Bytes that a mode occupies from its address on; 0 for one that cannot be used. */
uint64_t screen_bytes(const struct framebuffer *mode);

/* Clears the screen. The memory has screen_bytes() bytes. */
void screen_open(struct screen *screen, const struct framebuffer *mode, volatile void *memory);

/* Printable ASCII, CR and LF; long lines continue on the next row, and the screen moves up by a part of
 * itself. */
void screen_write(struct screen *screen, const char *bytes, size_t size);

/* One word over the width of the screen, at its lower end; what was written last stays visible above it. */
void screen_verdict(struct screen *screen, const char *word);
