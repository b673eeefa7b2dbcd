#include "format.h"

#include "format_spec.h"
#include "string.h"

#define DIGITS_MAX 20 /* of UINT64_MAX in decimal */

struct sink {
    char *buf;
    size_t size;
    size_t length; /* of the whole text, cut or not */
};

static void sink_text(struct sink *sink, const char *s, size_t length)
{
    for (size_t i = 0; i < length; i++, sink->length++)
        if (sink->length < sink->size) /* vformat() puts its NUL over the last one */
            sink->buf[sink->length] = s[i];
}

static void sink_repeat(struct sink *sink, char c, size_t count)
{
    while (count-- > 0)
        sink_text(sink, &c, 1);
}

/* Prefix and body filled up to the width: blanks before or behind, or zeros between the two. */
static void sink_field(struct sink *sink, const struct format_spec *spec, bool zeros, const char *prefix,
                       const char *body, size_t body_length)
{
    size_t prefix_length = strlen(prefix);
    size_t length = prefix_length + body_length;
    size_t fill = spec->width > length ? spec->width - length : 0;

    if (!spec->left && !zeros)
        sink_repeat(sink, ' ', fill);
    sink_text(sink, prefix, prefix_length);
    if (!spec->left && zeros)
        sink_repeat(sink, '0', fill);
    sink_text(sink, body, body_length);
    if (spec->left)
        sink_repeat(sink, ' ', fill);
}

static void sink_number(struct sink *sink, const struct format_spec *spec, const char *prefix, unsigned base,
                        uint64_t value)
{
    char digits[DIGITS_MAX];
    size_t at = DIGITS_MAX;

    do {
        digits[--at] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value > 0);
    sink_field(sink, spec, spec->zero, prefix, digits + at, DIGITS_MAX - at);
}

static int64_t take_signed(enum format_length length, va_list *args)
{
    switch (length) {
    case LENGTH_LONG:
        return va_arg(*args, long);
    case LENGTH_LONG_LONG:
        return va_arg(*args, long long);
    case LENGTH_SIZE:
        return va_arg(*args, ptrdiff_t);
    default:
        return va_arg(*args, int);
    }
}

static uint64_t take_unsigned(enum format_length length, va_list *args)
{
    switch (length) {
    case LENGTH_LONG:
        return va_arg(*args, unsigned long);
    case LENGTH_LONG_LONG:
        return va_arg(*args, unsigned long long);
    case LENGTH_SIZE:
        return va_arg(*args, size_t);
    default:
        return va_arg(*args, unsigned);
    }
}

static void convert_signed(struct sink *sink, const struct format_spec *spec, int64_t value)
{
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

    sink_number(sink, spec, value < 0 ? "-" : "", 10, magnitude);
}

static void convert_text(struct sink *sink, const struct format_spec *spec, size_t precision, const char *s)
{
    size_t length = 0;

    if (s == NULL)
        s = "(null)";
    while (length < precision && s[length] != '\0')
        length++;
    sink_field(sink, spec, false, "", s, length);
}

static void convert(struct sink *sink, const struct format_spec *spec, va_list *args)
{
    size_t precision = spec->precision;
    char c;

    switch (spec->conversion) {
    case 'd':
        convert_signed(sink, spec, take_signed(spec->length, args));
        break;
    case 'u':
        sink_number(sink, spec, "", 10, take_unsigned(spec->length, args));
        break;
    case 'x':
        sink_number(sink, spec, "", 16, take_unsigned(spec->length, args));
        break;
    case 'p':
        sink_number(sink, spec, "0x", 16, (uintptr_t)va_arg(*args, void *));
        break;
    case 'c':
        c = (char)va_arg(*args, int);
        sink_field(sink, spec, false, "", &c, 1);
        break;
    default:
        if (spec->precision_is_argument) /* negative means none, as in the standard: (size_t) makes it huge */
            precision = (size_t)va_arg(*args, int);
        convert_text(sink, spec, precision, va_arg(*args, const char *));
        break;
    }
}

size_t vformat(char *buf, size_t size, const char *fmt, va_list args)
{
    struct sink sink = {buf, size, 0};
    va_list rest;

    va_copy(rest, args); /* a va_list parameter may be a pointer, whose address is not a va_list * */
    while (*fmt != '\0') {
        const char *start = fmt++;
        struct format_spec spec;

        if (*start != '%' || *fmt == '%') {
            fmt += *start == '%';
            sink_text(&sink, start, 1);
            continue;
        }
        spec = format_spec_parse(&fmt);
        if (*fmt != '\0')
            fmt++;
        if (format_spec_valid(&spec))
            convert(&sink, &spec, &rest);
        else
            sink_text(&sink, start, (size_t)(fmt - start));
    }
    va_end(rest);
    if (size > 0)
        buf[sink.length < size ? sink.length : size - 1] = '\0';
    return sink.length;
}

size_t format(char *buf, size_t size, const char *fmt, ...)
{
    va_list args;
    size_t length;

    va_start(args, fmt);
    length = vformat(buf, size, fmt, args);
    va_end(args);
    return length;
}

void vformat_behind(char *buf, size_t size, size_t used, const char *fmt, va_list args)
{
    if (used < size)
        vformat(buf + used, size - used, fmt, args);
}
