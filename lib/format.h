#pragma once
/* A bounded subset of printf, the same in the kernel and on the host: c s d u x p and %%, with the flags
 * '-' and '0', a width, a precision for s ("%.*s" too), and the lengths l, ll and z. */

#include <stdarg.h>
#include <stddef.h>

/*
 * Writes at most size-1 characters and a NUL (nothing at all when size is 0).
 * Returns the length the whole text has, so `result >= size` means it was cut.
 * A conversion outside the subset, or a width or precision of more than 999 in the format, is printed as it
 * stands and takes no argument. Context: any; no allocation, no locale.
 */
size_t format(char *buf, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
size_t vformat(char *buf, size_t size, const char *fmt, va_list args) __attribute__((format(printf, 3, 0)));

/* Goes on behind `used` characters that stand in buf already, what format() has returned; nothing happens
 * where they have filled it. */
void vformat_behind(char *buf, size_t size, size_t used, const char *fmt, va_list args)
    __attribute__((format(printf, 4, 0)));
