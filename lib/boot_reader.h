#pragma once
/* What the two parsers of boot_info.h share: bounds-checked reading, and putting what was read into a
 * boot_info with the checks that hold for both. Every function that returns bool has left a sentence in err
 * when false. */

#include "boot_info.h"

struct boot_reader {
    const struct phys_view *view;
    struct boot_info *out;
    char *err;
    size_t err_size;
};

/* Empties *out and err. */
struct boot_reader boot_reader_start(const char *loader, const struct phys_view *view, struct boot_info *out,
                                     char *err, size_t err_size);

/* Writes "<loader>: <sentence>" into err and returns false. */
bool boot_fail(const struct boot_reader *reader, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* True if [at, at + size) lies in the view and does not wrap around. */
bool boot_readable(const struct boot_reader *reader, uint64_t at, uint64_t size);

/* Copies size bytes of physical memory to `to`; what names the structure in the message. */
bool boot_read(const struct boot_reader *reader, uint64_t at, void *to, size_t size, const char *what);

/* Reads the NUL-terminated command line, of which at most limit bytes may be looked at, into out->line. */
bool boot_read_line(const struct boot_reader *reader, uint64_t at, uint64_t limit);

/* Appends to out->map and out->modules; a range of no length is left out. */
bool boot_add_range(const struct boot_reader *reader, uint64_t start, uint64_t size, bool usable);
bool boot_add_module(const struct boot_reader *reader, uint64_t start, uint64_t size);

/* The last check: a memory map was there. */
bool boot_reader_end(const struct boot_reader *reader);
