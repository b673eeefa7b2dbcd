#pragma once
/* Choosing test ids by pattern. */

#include <stdbool.h>
#include <stddef.h>

/* True if the whole text matches the pattern of the given length; '*' is any run, '?' any one character. */
bool glob_match(const char *pattern, size_t length, const char *text);

/*
 * Applies a comma-separated list of patterns, "a*,-ab*": an id is selected if no including pattern stands in
 * the list or one of them matches, and no excluding one (leading '-') matches. Empty elements are ignored.
 */
bool glob_selects(const char *list, const char *id);
