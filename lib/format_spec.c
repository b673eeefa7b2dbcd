#include "format_spec.h"

#define NUMBER_MAX 999 /* of a width or precision; format.h states it */

/* Reads digits; a number above NUMBER_MAX stays above it and does not wrap. */
static size_t parse_number(const char **at)
{
    size_t number = 0;

    for (; **at >= '0' && **at <= '9'; ++*at)
        if (number <= NUMBER_MAX)
            number = number * 10 + (size_t)(**at - '0');
    return number;
}

static bool parse_letter(const char **at, char letter)
{
    if (**at != letter)
        return false;
    ++*at;
    return true;
}

struct format_spec format_spec_parse(const char **at)
{
    struct format_spec spec = {.precision = FORMAT_NO_PRECISION};

    for (; **at == '-' || **at == '0'; ++*at) {
        spec.left |= **at == '-';
        spec.zero |= **at == '0';
    }
    spec.width = parse_number(at);
    if (parse_letter(at, '.')) {
        spec.precision_is_argument = parse_letter(at, '*');
        spec.precision = spec.precision_is_argument ? 0 : parse_number(at);
    }
    if (parse_letter(at, 'z'))
        spec.length = LENGTH_SIZE;
    else if (parse_letter(at, 'l'))
        spec.length = parse_letter(at, 'l') ? LENGTH_LONG_LONG : LENGTH_LONG;
    spec.conversion = **at;
    return spec;
}

bool format_spec_valid(const struct format_spec *spec)
{
    if (spec->width > NUMBER_MAX)
        return false;
    switch (spec->conversion) {
    case 'd':
    case 'u':
    case 'x':
        return spec->precision == FORMAT_NO_PRECISION;
    case 'c':
    case 'p':
        return spec->precision == FORMAT_NO_PRECISION && spec->length == LENGTH_INT;
    case 's':
        return (spec->precision <= NUMBER_MAX || spec->precision == FORMAT_NO_PRECISION) &&
               spec->length == LENGTH_INT;
    default:
        return false;
    }
}
