#include "log.h"

#include "console.h"
#include "cpu.h"
#include "format.h"
#include "spin.h"
#include "time.h"
#include "watchdog.h"

#define SEIZE_US 500000u /* a line takes a third of that at 38400 baud */

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

    watchdog_progress();
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

void log_seize(void)
{
    uint64_t start = time_us();

    while (__atomic_load_n(&printing.holder, __ATOMIC_RELAXED)) {
        if (time_us() - start > SEIZE_US) {
            spin_release(&printing);
            console_write("\r\n", 2); /* behind what there is of its line */
            return;
        }
        spin_pause();
    }
}
