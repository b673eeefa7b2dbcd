#pragma once
/* The part of the standard header that a compiler may call on its own (GCC manual, "Language Standards
 * Supported by GCC", freestanding) and that lib/ uses. The kernel links string.c; a host program links its C
 * library. */

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t size);
