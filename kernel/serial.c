#include "serial.h"

#include "cpu.h"

enum { THR = 0, DLL = 0, IER = 1, DLM = 1, FCR = 2, LCR = 3, MCR = 4, LSR = 5 };

#define UART_CLOCK    115200u /* baud rate at divisor 1 */
#define LCR_8N1       0x03
#define LCR_DLAB      0x80
#define FCR_ON        0x07
#define MCR_DTR_RTS   0x03
#define LSR_THR_EMPTY 0x20
#define LSR_IDLE      0x40
#define LSR_ABSENT    0xff    /* what a port that nobody decodes reads as */
#define POLLS         200000u /* a port read takes about 1 us on hardware; 16 characters take 1.4 ms */

#define STALLS_MAX 10u /* in a row; a console behind a BMC may pause, a dead one must not cost minutes */

static uint16_t base; /* 0: no UART, or one that was given up */
static unsigned stalls;

static bool wait_for(uint8_t bit)
{
    for (unsigned i = 0; i < POLLS; i++)
        if (inb(base + LSR) & bit) {
            stalls = 0;
            return true;
        }
    if (++stalls == STALLS_MAX)
        base = 0;
    return false;
}

bool serial_open(uint16_t port, uint32_t baud)
{
    unsigned divisor = UART_CLOCK / baud;

    base = 0;
    if (inb(port + LSR) == LSR_ABSENT)
        return false;
    base = port;
    outb(base + IER, 0);
    outb(base + LCR, LCR_8N1 | LCR_DLAB);
    outb(base + DLL, divisor & 0xff);
    outb(base + DLM, divisor >> 8);
    outb(base + LCR, LCR_8N1);
    outb(base + FCR, FCR_ON);
    outb(base + MCR, MCR_DTR_RTS);
    return true;
}

void serial_write(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size && base && wait_for(LSR_THR_EMPTY); i++)
        outb(base + THR, (uint8_t)bytes[i]);
}

void serial_drain(void)
{
    if (base)
        wait_for(LSR_IDLE);
}
