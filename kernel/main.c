#include "apic.h"
#include "console.h"
#include "cpu.h"
#include "desc.h"
#include "exit.h"
#include "handed.h"
#include "kmap.h"
#include "memory.h"
#include "pks/pks.h"
#include "run.h"
#include "runner.h"
#include "smp.h"
#include "smp_start.h"
#include "time.h"
#include "watchdog.h"

_Noreturn void kernel_main(uint32_t magic, uint64_t info);

static void read_line(const struct boot_info *boot, struct args *args)
{
    char error[160];
    bool read = args_parse(boot->line, args, error, sizeof(error));

    exit_configure(args->after);
    if (!read)
        refuse("command line: %s", error);
    if (!args->seed_given)
        args->seed = run_seed();
}

/* Entry from boot/start.asm: long mode, first page tables, interrupts off. */
void kernel_main(uint32_t magic, uint64_t info)
{
    static struct args args;
    const struct boot_info *boot;

    cpu_detect();
    desc_init();
    desc_load(percpu_of(0)); /* from here on exceptions have words */
    pic_disable();
    handed_settle();
    cpu_enable_machine_checks();
    boot = memory_init(magic, info);
    smp_start_prepare(boot);
    space_enter(kernel_space(4)); /* W^X, guard pages */
    run_begin(boot->line);        /* the first line of the log */
    console_screen(&boot->framebuffer);
    read_line(boot, &args);
    console_choose(&args.console, boot);
    handed_settle_interrupts(boot);
    time_init(boot);
    if (!pks_enable())
        refuse("pks: IA32_PKRS or CR4.PKS does not read back as written");
    smp_init(boot, args.smp);
    watchdog_init(boot);
    leave(runner_run(&args, boot));
}
