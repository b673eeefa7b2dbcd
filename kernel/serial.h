#pragma once
/* One 16550 UART by port, transmit only, every wait bounded. Source: National Semiconductor PC16550D. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SERIAL_COM1 0x3f8
#define SERIAL_BAUD 115200

/* Sets 8N1 and the speed; false where no UART answers. Until the next call all output goes there. */
bool serial_open(uint16_t port, uint32_t baud);

/* Sends the bytes. Where the UART stops taking them for 0.2 s or so, the rest of these is dropped; after ten
 * such stalls in a row it is given up. */
void serial_write(const char *bytes, size_t size);

/* Waits, bounded, until the last bit has left the transmitter. */
void serial_drain(void);
