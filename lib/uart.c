#include "uart.h"

enum { THR = 0, DLL = 0, IER = 1, DLM = 1, FCR = 2, LCR = 3, MCR = 4, LSR = 5, MSR = 6, SCR = 7 };

#define LCR_8N1       0x03
#define LCR_DLAB      0x80
#define FCR_ON        0x07
#define MCR_DTR_RTS   0x03
#define MCR_LOOP      0x10
#define MSR_LINES     0xf0
#define LSR_THR_EMPTY 0x20
#define LSR_IDLE      0x40
#define ALL_ONES      0xff

#define CLOCK_PC    1843200u
#define OVERSAMPLE  16u
#define DIVISOR_MAX 0xffffu

/* One register read takes about 1 us on hardware; 16 characters take 1.4 ms at 115200 baud and 17 ms at 9600.
 */
#define POLLS       200000u
#define POLLS_FIRST 40000u
#define STALLS_MAX  10u /* in a row; a console behind a BMC may pause, a dead one must not cost minutes */

bool uart_absent(const struct uart *uart)
{
    return uart->read(uart, LSR) == ALL_ONES;
}

static bool scratch_holds(const struct uart *uart, uint8_t value)
{
    uart->write(uart, SCR, value);
    return uart->read(uart, SCR) == value;
}

/* In loopback CTS, DSR, RI and DCD are RTS, DTR, OUT1 and OUT2. */
static bool lines_follow(const struct uart *uart, uint8_t control, uint8_t status)
{
    uart->write(uart, MCR, MCR_LOOP | control);
    return (uart->read(uart, MSR) & MSR_LINES) == status;
}

bool uart_probe(const struct uart *uart)
{
    uint8_t control, scratch;
    bool answers;

    if (uart_absent(uart))
        return false;
    control = uart->read(uart, MCR);
    scratch = uart->read(uart, SCR);
    answers = scratch_holds(uart, 0x5a) && scratch_holds(uart, 0xa5);
    uart->write(uart, SCR, scratch);
    if (!answers)
        return false;
    answers = lines_follow(uart, 0x0a, 0x90) && lines_follow(uart, 0x05, 0x60);
    uart->write(uart, MCR, control);
    return answers;
}

uint32_t uart_divisor(uint32_t clock, uint32_t baud)
{
    uint64_t rate = (clock ? clock : CLOCK_PC) / OVERSAMPLE;
    uint64_t divisor, real;

    if (!baud)
        return 0;
    divisor = (rate + baud / 2) / baud;
    if (divisor < 1 || divisor > DIVISOR_MAX)
        return 0;
    real = rate / divisor;
    return real * 100 >= (uint64_t)baud * 97 && real * 100 <= (uint64_t)baud * 103 ? (uint32_t)divisor : 0;
}

void uart_setup(struct uart *uart, uint32_t divisor)
{
    uart->stalls = 0;
    uart->ready_once = uart->given_up = false;
    uart->write(uart, LCR, LCR_8N1);
    uart->write(uart, IER, 0);
    if (divisor) {
        uart->write(uart, LCR, LCR_8N1 | LCR_DLAB);
        uart->write(uart, DLL, divisor & 0xff);
        uart->write(uart, DLM, (uint8_t)(divisor >> 8));
        uart->write(uart, LCR, LCR_8N1);
    }
    uart->write(uart, FCR, FCR_ON);
    uart->write(uart, MCR, MCR_DTR_RTS);
}

static bool wait_for(struct uart *uart, uint8_t bit)
{
    unsigned polls = uart->ready_once ? POLLS : POLLS_FIRST;

    for (unsigned i = 0; i < polls; i++)
        if (uart->read(uart, LSR) & bit) {
            uart->stalls = 0;
            uart->ready_once = true;
            return true;
        }
    if (++uart->stalls == STALLS_MAX || !uart->ready_once)
        uart->given_up = true;
    return false;
}

void uart_send(struct uart *uart, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size && !uart->given_up && wait_for(uart, LSR_THR_EMPTY); i++)
        uart->write(uart, THR, (uint8_t)bytes[i]);
}

void uart_drain(struct uart *uart)
{
    if (!uart->given_up)
        wait_for(uart, LSR_IDLE);
}
