/* String instructions where the compiler would recognise a loop as memcpy or memset and turn the function
 * into a call of itself. The direction flag is clear by the ABI. */

#include "string.h"

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    void *end = to;

    __asm__ volatile("rep movsb" : "+D"(end), "+S"(from), "+c"(size) : : "memory");
    return to;
}

void *memmove(void *to, const void *from, size_t size)
{
    unsigned char *t = to;
    const unsigned char *f = from;

    if ((size_t)(t - f) >= size)
        return memcpy(to, from, size);
    t += size - 1;
    f += size - 1;
    __asm__ volatile("std; rep movsb; cld" : "+D"(t), "+S"(f), "+c"(size) : : "memory", "cc");
    return to;
}

void *memset(void *to, int byte, size_t size)
{
    void *end = to;

    __asm__ volatile("rep stosb" : "+D"(end), "+c"(size) : "a"(byte) : "memory");
    return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
    const unsigned char *p = a, *q = b;

    for (; size > 0; size--, p++, q++)
        if (*p != *q)
            return *p - *q;
    return 0;
}

size_t strlen(const char *s)
{
    const char *end = s;

    while (*end != '\0') {
        end++;
        __asm__ volatile(""); /* GCC 10 and later recognise strlen too */
    }
    return (size_t)(end - s);
}

int strncmp(const char *a, const char *b, size_t size)
{
    for (; size > 0; size--, a++, b++) {
        if (*a != *b)
            return (unsigned char)*a - (unsigned char)*b;
        if (*a == '\0')
            return 0;
    }
    return 0;
}

int strcmp(const char *a, const char *b)
{
    return strncmp(a, b, (size_t)-1);
}
