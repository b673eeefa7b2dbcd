#pragma once
/* What every C host test includes: cmocka with the headers it wants first, and memory that ends where it
 * says, so that AddressSanitizer sees one byte too many. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Exactly size bytes at an odd address; free them with exact_free(). */
static inline void *exact_room(size_t size)
{
    uint8_t *block = malloc(size + 1);

    assert_non_null(block);
    return block + 1;
}

static inline void *exact_copy(const void *from, size_t size)
{
    void *room = exact_room(size);

    if (size > 0)
        memcpy(room, from, size);
    return room;
}

static inline void exact_free(const void *room)
{
    free((uint8_t *)room - 1);
}

/* A message is one line of printable ASCII that says something. */
static inline void assert_message(const char *text)
{
    assert_true(strlen(text) > 0);
    for (; *text != '\0'; text++)
        assert_in_range((unsigned char)*text, ' ', '~');
}
