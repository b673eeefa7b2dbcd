#pragma once
/* One conversion of format() as a value. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FORMAT_NO_PRECISION SIZE_MAX

enum format_length { LENGTH_INT, LENGTH_LONG, LENGTH_LONG_LONG, LENGTH_SIZE };

struct format_spec {
    bool left;
    bool zero;
    bool precision_is_argument;
    size_t width;
    size_t precision;
    enum format_length length;
    char conversion;
};

/* Reads what stands behind a '%' and moves *at to the conversion letter. */
struct format_spec format_spec_parse(const char **at);

/* True if the conversion is in the subset that format.h describes. */
bool format_spec_valid(const struct format_spec *spec);
