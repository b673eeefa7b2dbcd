#pragma once
/* The two ways to a UART's registers. */

#include "uart.h"

struct uart serial_at_port(uint16_t port);

/* Registers in mapped memory, `width` bytes (1, 2 or 4) each. */
struct uart serial_at_memory(volatile void *registers, unsigned width);
