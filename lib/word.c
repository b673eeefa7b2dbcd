#include "word.h"

#include "string.h"

#include <stdbool.h>

size_t word_copy(char *to, size_t size, const char *text)
{
    size_t length = 0;
    bool gap = false;

    for (; *text && length + 1 < size; text++) {
        bool printable = *text > ' ' && *text <= '~';

        if (printable && gap && length)
            to[length++] = '_';
        if (printable && length + 1 < size)
            to[length++] = *text;
        gap = !printable;
    }
    while (length && to[length - 1] == '_')
        length--;
    if (!length) {
        memcpy(to, "none", 4);
        length = 4;
    }
    to[length] = '\0';
    return length;
}
