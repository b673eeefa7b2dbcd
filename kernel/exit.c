#include "exit.h"

#include "console.h"
#include "cpu.h"
#include "format.h"
#include "journal_page.h"
#include "log.h"
#include "run.h"
#include "watchdog.h"

#define BOCHS_SHUTDOWN_PORT 0x8900
#define RESET_PORT          0xcf9 /* reset control register of PC chipsets */
#define RESET_HARD          0x06

static enum args_after exit_after;

void exit_configure(enum args_after after)
{
    exit_after = after;
}

static void exit_ports(enum verdict verdict)
{
    static const uint8_t value[VERDICTS] = {
        [VERDICT_PASS] = X86_EXIT_PASS,
        [VERDICT_FAIL] = X86_EXIT_FAIL,
        [VERDICT_SKIP] = X86_EXIT_SKIP,
        [VERDICT_ERROR] = X86_EXIT_ERROR,
    };

    outb(X86_EXIT_PORT, value[verdict]);
    for (const char *c = "Shutdown"; *c; c++)
        outb(BOCHS_SHUTDOWN_PORT, (uint8_t)*c);
}

static bool has_exit(void)
{
    return exit_after == ARGS_AFTER_EXIT || (exit_after == ARGS_AFTER_AUTO && cpu.hypervisor[0]);
}

static _Noreturn void end(enum verdict verdict, bool reset)
{
    console_end(verdict);
    if (has_exit())
        exit_ports(verdict);
    if (reset)
        outb(RESET_PORT, RESET_HARD);
    cpu_halt_forever();
    __builtin_unreachable();
}

void leave_unfinished(void)
{
    bool lives = exit_after == ARGS_AFTER_AUTO && run_boot() > 1; /* the journal, through a reset */
    bool reset = exit_after == ARGS_AFTER_REBOOT || lives;

    watchdog_over();
    if (!has_exit() && !reset && journal_page())
        log_line(
            "# ! the machine halts; reset it, and with the same command line it goes on behind this test");
    end(VERDICT_ERROR, reset);
}

void leave(enum verdict verdict)
{
    watchdog_over();
    end(verdict, exit_after == ARGS_AFTER_REBOOT);
}

void refuse(const char *fmt, ...)
{
    char text[256];
    va_list args;

    va_start(args, fmt);
    vformat(text, sizeof(text), fmt, args);
    va_end(args);
    run_begin(NULL); /* nothing is said before the first line of the protocol */
    log_line("# @ refused %s", text);
    journal_page_clear();
    leave(VERDICT_ERROR);
}
