#pragma once
/* Which UART is the console. */

#include "acpi.h"
#include "args.h"
#include "uart.h"

struct console_choice {
    bool found;
    struct uart uart;
    uint32_t divisor; /* 0: as firmware has set it */
    uint32_t baud;    /* 0: as firmware has set it */
    char name[32];    /* as console= has it: "0x3f8", "mmio32:0xfe034000", "pci:00:03.0" */
    char why[200];    /* what was tried, in words */
};

/* By the command line; with console=auto by SPCR, then the probe of COM1 to COM4, then PCI. */
void console_find(const struct args_console *wanted, const struct boot_info *boot,
                  struct console_choice *out);

/* COM1 to COM4 by the probe, when there is no command line yet. */
bool console_find_port(struct console_choice *out);
