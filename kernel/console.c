#include "console.h"

#include "console_find.h"
#include "format.h"
#include "kmap.h"
#include "log.h"
#include "screen.h"
#include "string.h"

static struct screen screen;
static struct console_choice choice;
static bool chosen;
static char kept[4096];
static size_t kept_size;

void console_screen(const struct framebuffer *mode)
{
    uint64_t bytes = screen_bytes(mode);
    volatile void *memory = bytes ? kernel_map_device(mode->address, bytes) : NULL;

    if (!memory)
        return;
    screen_open(&screen, mode, memory);
    screen_write(&screen, kept, kept_size);
}

static void begin(void)
{
    chosen = true;
    if (!choice.found)
        return;
    uart_setup(&choice.uart, choice.divisor);
    uart_send(&choice.uart, kept, kept_size);
}

void console_choose(const struct args_console *wanted, const struct boot_info *boot)
{
    console_find(wanted, boot, &choice);
    begin();
}

/* Something went wrong before the command line was read. */
static void choose_early(void)
{
    console_find_port(&choice);
    begin();
}

void console_print(void)
{
    char size[24] = "none", baud[16] = "firmware";

    if (screen.memory)
        format(size, sizeof(size), "%ux%ux%u", screen.mode.width, screen.mode.height,
               screen.scale ? screen.mode.bpp : 0);
    if (choice.baud)
        format(baud, sizeof(baud), "%u", choice.baud);
    log_line("# @ console uart=%s baud=%s screen=%s why=%s", choice.found ? choice.name : "none",
             choice.found ? baud : "none", size, choice.why);
}

void console_write(const char *bytes, size_t size)
{
    if (screen.memory)
        screen_write(&screen, bytes, size);
    if (!chosen && size > sizeof(kept) - kept_size)
        choose_early();
    if (!chosen) {
        memcpy(kept + kept_size, bytes, size);
        kept_size += size;
    } else if (choice.found) {
        uart_send(&choice.uart, bytes, size);
    }
}

void console_end(enum verdict verdict)
{
    static const char *const word[VERDICTS] = {
        [VERDICT_PASS] = "PASS",
        [VERDICT_SKIP] = "SKIP",
        [VERDICT_FAIL] = "FAIL",
        [VERDICT_ERROR] = "ERROR",
    };

    if (!chosen)
        choose_early();
    if (screen.memory)
        screen_verdict(&screen, word[verdict]);
    if (choice.found)
        uart_drain(&choice.uart);
}
