#include "log.h"

#include "console.h"
#include "cpu.h"
#include "format.h"

void log_line(const char *fmt, ...)
{
    static char buf[LOG_LINE_MAX + 3];
    uint64_t flags = irq_save(); /* whole lines, whichever thread prints */
    va_list args;
    size_t size;

    va_start(args, fmt);
    size = vformat(buf, LOG_LINE_MAX + 1, fmt, args);
    va_end(args);
    if (size > LOG_LINE_MAX)
        size = LOG_LINE_MAX;
    for (size_t i = 0; i < size; i++)
        if (buf[i] < ' ' || buf[i] > '~')
            buf[i] = '?';
    buf[size++] = '\r';
    buf[size++] = '\n';
    console_write(buf, size);
    irq_restore(flags);
}
