#include "log.h"

#include "console.h"
#include "cpu.h"
#include "format.h"
#include "spin.h"

static struct spin printing;

/* Whole lines, whichever thread or processor prints. An NMI that prints may have interrupted a line of its
 * own processor, which cannot go on before it: that line is lost. */
void log_line(const char *fmt, ...)
{
    static char buf[LOG_LINE_MAX + 3];
    uint64_t flags = irq_save();
    bool entered = spin_enter(&printing);
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
    if (entered)
        spin_release(&printing);
    irq_restore(flags);
}
