#pragma once
/* One 16550 UART behind whatever reaches its registers, transmit only, every wait bounded. Source: National
 * Semiconductor PC16550D. Pure: the caller brings the two functions that touch registers. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UART_COM1      0x3f8
#define UART_REGISTERS 8
#define UART_BAUD      115200 /* also the rate of divisor 1 with the clock of a PC, 1.8432 MHz */

struct uart {
    uint8_t (*read)(const struct uart *uart, unsigned reg);
    void (*write)(const struct uart *uart, unsigned reg, uint8_t value);
    uintptr_t at;    /* of register 0: port or address */
    unsigned stride; /* bytes from one register to the next, and of one access */
    unsigned stalls;
    bool ready_once;
    bool given_up;
};

/* True where nothing decodes the registers: they read as all ones. */
bool uart_absent(const struct uart *uart);

/*
 * True if a 16550 answers: its scratch register holds what is written, and in loopback mode its modem status
 * follows its modem control. Puts both back; sends nothing.
 */
bool uart_probe(const struct uart *uart);

/* The divisor for a rate with a clock in Hz (0: a PC's); 0 where none comes within 3 percent. */
uint32_t uart_divisor(uint32_t clock, uint32_t baud);

/* Sets 8N1, FIFOs on, no interrupts, and the speed unless the divisor is 0, which keeps the firmware's. */
void uart_setup(struct uart *uart, uint32_t divisor);

/* Sends the bytes. Where the UART stops taking them for 0.2 s or so, the rest of these is dropped; after ten
 * such stalls in a row, or a shorter one before the first byte ever, it is given up. */
void uart_send(struct uart *uart, const char *bytes, size_t size);

/* Waits, bounded, until the last bit has left the transmitter. */
void uart_drain(struct uart *uart);
