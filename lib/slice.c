#include "slice.h"

#include "format.h"
#include "string.h"

#define TEXT_MAX 64

bool slice_equals(struct slice slice, const char *text)
{
    return strlen(text) == slice.length && (slice.length == 0 || memcmp(slice.s, text, slice.length) == 0);
}

struct slice slice_cut(struct slice slice, char separator, struct slice *rest)
{
    size_t at = 0;

    while (at < slice.length && slice.s[at] != separator)
        at++;
    *rest =
        at < slice.length ? (struct slice){slice.s + at + 1, slice.length - at - 1} : (struct slice){NULL, 0};
    return (struct slice){slice.s, at};
}

/* The value of a digit, or a value that is no digit in any base. */
static unsigned digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (unsigned)(c - 'a') + 10;
    if (c >= 'A' && c <= 'F')
        return (unsigned)(c - 'A') + 10;
    return UINT32_MAX;
}

bool slice_number(struct slice slice, uint64_t *number)
{
    bool hexadecimal = slice.length > 2 && slice.s[0] == '0' && slice.s[1] == 'x';
    unsigned base = hexadecimal ? 16 : 10;

    *number = 0;
    for (size_t i = hexadecimal ? 2 : 0; i < slice.length; i++) {
        unsigned digit = digit_value(slice.s[i]);

        if (digit >= base || *number > (UINT64_MAX - digit) / base)
            return false;
        *number = *number * base + digit;
    }
    return slice.length > 0;
}

struct slice_text slice_text(struct slice slice)
{
    struct slice_text text = {""};
    size_t used = 0;

    for (size_t i = 0; i < slice.length; i++) {
        bool plain = slice.s[i] >= ' ' && slice.s[i] <= '~';
        size_t room = plain ? 1 : sizeof("\\xff") - 1;

        if (used + room > TEXT_MAX) {
            format(text.s + used, sizeof(text.s) - used, "...");
            break;
        }
        used +=
            format(text.s + used, sizeof(text.s) - used, plain ? "%c" : "\\x%02x", (unsigned char)slice.s[i]);
    }
    return text;
}
