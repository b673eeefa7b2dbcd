#include "log.h"

#include "console.h"
#include "cpu.h"
#include "format.h"
#include "percpu.h"
#include "spin.h"

static struct spin printing;
static unsigned printer; /* the processor that prints, plus one */

/* Whole lines, whichever thread or processor prints. An NMI that prints may have interrupted a line of its
 * own processor, which cannot go on before it: that line is lost. No other lock is taken, and no call
 * answered, while a line is printed. */
static bool begin(void)
{
    unsigned self = cpu_number() + 1;

    if (__atomic_load_n(&printer, __ATOMIC_RELAXED) == self)
        return false;
    while (!spin_try(&printing))
        spin_pause();
    __atomic_store_n(&printer, self, __ATOMIC_RELAXED);
    return true;
}

static void end(void)
{
    __atomic_store_n(&printer, 0, __ATOMIC_RELAXED);
    spin_release(&printing);
}

void log_line(const char *fmt, ...)
{
    static char buf[LOG_LINE_MAX + 3];
    uint64_t flags = irq_save();
    bool began = begin();
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
    if (began)
        end();
    irq_restore(flags);
}
