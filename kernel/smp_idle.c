#include "smp_idle.h"

#include "apic.h"
#include "cpu.h"
#include "desc.h"
#include "machine.h"
#include "paging.h"
#include "pks/pks.h"
#include "schedule.h"
#include "smp.h"
#include "smp_call.h"
#include "spin.h"
#include "watchdog.h"

#define POLLS_KICK 20000u /* between two kicks */

static bool parking;

unsigned smp_active(void)
{
    return __atomic_load_n(&parking, __ATOMIC_ACQUIRE) ? 1 : smp_count();
}

static void wake_up(void)
{
    cr3_write(cr3_read());
    idt_load_parked(false);
    space_enter(space_current());
    if (pks_present)
        pkrs_write(pks_default);
    this_cpu()->normal = machine_read();
}

/* With all keys open, and with interrupts that leave that so (kernel/parked_entry.asm): a kick from before
 * may come when others rely on the processor being parked already. */
static void park(struct percpu *here)
{
    struct machine_state now;

    apic_stop();
    now = machine_read();
    here->left = machine_difference(&here->normal, &now);
    if (here->left)
        machine_restore(&here->normal);
    if (here->job_dropped)
        here->left = "job";
    here->job_dropped = false;
    if (pks_present)
        pkrs_write(0);
    idt_load_parked(true);
    watchdog_parked();
    __atomic_store_n(&here->parked, true, __ATOMIC_RELEASE);
    while (__atomic_load_n(&parking, __ATOMIC_ACQUIRE)) {
        __asm__ volatile("sti; hlt; cli" : : : "memory");
        smp_answer(); /* one who asks is not parked, so the kernel's pages are where they were */
    }
    wake_up();
    __atomic_store_n(&here->parked, false, __ATOMIC_RELEASE);
}

/* The kick for it may have come while a thread had the processor. */
static bool work_came(const struct percpu *here)
{
    return __atomic_load_n(&here->job, __ATOMIC_ACQUIRE) || __atomic_load_n(&parking, __ATOMIC_ACQUIRE);
}

void smp_idle(void)
{
    struct percpu *here = this_cpu();

    here->normal = machine_read();
    for (;;) {
        irq_disable();
        smp_run_job();
        if (__atomic_load_n(&parking, __ATOMIC_ACQUIRE)) {
            park(here);
        } else if (schedule_idle() || work_came(here)) {
            irq_enable();
            spin_pause();
        } else {
            __asm__ volatile("sti; hlt" : : : "memory"); /* no interrupt can come between the two */
        }
    }
}

static void change(bool to)
{
    __atomic_store_n(&parking, to, __ATOMIC_RELEASE);
    for (unsigned i = 1; i < smp_count(); i++) {
        /* more than once: between two jobs or threads there is nothing that a kick could end */
        for (unsigned polls = 0; __atomic_load_n(&percpu_of(i)->parked, __ATOMIC_ACQUIRE) != to; polls++) {
            if (polls % POLLS_KICK == 0)
                smp_kick(i);
            watchdog_look();
            spin_pause();
        }
    }
}

void smp_park(void)
{
    change(true);
}

void smp_wake(void)
{
    change(false);
}

const char *smp_left(unsigned *number)
{
    for (*number = 1; *number < smp_count(); ++*number)
        if (percpu_of(*number)->left)
            return percpu_of(*number)->left;
    return NULL;
}
