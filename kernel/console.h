#pragma once
/* Where the words go: one UART and the screen, whichever of them this machine has. What is written before the
 * UART is chosen is kept and sent there. */

#include "args.h"
#include "boot_info.h"
#include "tap.h"

/* Begins to mirror on the loader's framebuffer, if it left one that can be used. Needs a space of the kernel.
 */
void console_screen(const struct framebuffer *mode);

/* Chooses the UART as the command line says (lib/args.h), and sends it what was kept. */
void console_choose(const struct args_console *wanted, const struct boot_info *boot);

/* "# @ console ...": the choice and the reason. */
void console_print(void);

void console_write(const char *bytes, size_t size);

/* The last thing: the verdict in large letters, and the transmitter empty. */
void console_end(enum verdict verdict);
