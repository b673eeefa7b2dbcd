#pragma once
/* Text from elsewhere as a single word of a line of key=value pairs. */

#include <stddef.h>

/*
 * Copies `text`, cut to size - 1 characters. Each run of blanks and of other characters that are not
 * printable ASCII becomes one '_', and none stands at either end: firmware pads its strings with blanks.
 * "none" where nothing is left. size > 4. Returns the length of the word.
 */
size_t word_copy(char *to, size_t size, const char *text);
