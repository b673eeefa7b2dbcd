#pragma once
/* A part of a text, not terminated. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slice {
    const char *s;
    size_t length;
};

bool slice_equals(struct slice slice, const char *text);

/* Cuts at the first separator: returns what stands before it (all, if there is none) and sets *rest to what
 * stands behind it, with s = NULL if there was none. */
struct slice slice_cut(struct slice slice, char separator, struct slice *rest);

/* Reads a decimal number, or a hexadecimal one behind "0x"; the whole slice must be the number. */
bool slice_number(struct slice slice, uint64_t *number);

struct slice_text {
    char s[80];
};

/* The slice for a message: at most 64 characters and "..."; bytes outside ' ' to '~' as \xNN. */
struct slice_text slice_text(struct slice slice);
