#include "smp_call.h"

#include "apic.h"
#include "cpu.h"
#include "escape.h"
#include "pks/pks.h"
#include "smp.h"
#include "smp_idle.h"
#include "spin.h"
#include "testcase.h"
#include "thread.h"
#include "watchdog.h"

struct smp_request {
    smp_function *function;
    void *argument;
    unsigned open; /* processors that have not done it */
};

static struct spin calling; /* whoever has it may place a request */

static void load(uint32_t pkrs)
{
    if (pks_present && pks_copy != pkrs)
        pkrs_write(pkrs);
}

/* As a handler does, wherever it is called: with the default rights, and with the interrupted ones in a frame
 * where a change for everybody finds them. */
static void answer(const struct smp_request *request)
{
    struct percpu *here = this_cpu();
    struct trap_frame interrupted = {.pkrs = pks_copy};
    struct frame_link link = {&interrupted, STACK_NONE, thread_current->frames};

    thread_current->frames = &link;
    load(pks_default);
    if (escape_call(&here->call, request->function, request->argument))
        test_error("a call broke on processor %u", cpu_number());
    thread_current->frames = link.outer;
    load((uint32_t)interrupted.pkrs);
}

void smp_answer(void)
{
    struct smp_request *request = __atomic_exchange_n(&this_cpu()->request, NULL, __ATOMIC_ACQUIRE);

    if (!request) {
        watchdog_look(); /* whoever has time to ask */
        return;
    }
    answer(request);
    __atomic_fetch_sub(&request->open, 1, __ATOMIC_RELEASE);
}

static void place(struct smp_request *request, struct percpu *there)
{
    __atomic_fetch_add(&request->open, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&there->request, request, __ATOMIC_RELEASE);
    apic_send(there->apic_id, X86_VEC_CALL);
}

/* To one processor, or to all others: number = this one. */
static void call(unsigned number, smp_function *function, void *argument)
{
    struct smp_request request = {function, argument, 0};
    uint64_t flags = spin_lock(&calling);
    unsigned here = cpu_number();

    for (unsigned i = 0; i < smp_active(); i++)
        if (i != here && (number == i || number == here))
            place(&request, percpu_of(i));
    while (__atomic_load_n(&request.open, __ATOMIC_ACQUIRE)) {
        watchdog_look();
        spin_pause();
    }
    spin_unlock(&calling, flags);
}

void smp_call(unsigned number, smp_function *function, void *argument)
{
    uint64_t flags = irq_save();

    if (number == cpu_number())
        function(argument);
    else
        call(number, function, argument);
    irq_restore(flags);
}

void smp_call_others(smp_function *function, void *argument)
{
    uint64_t flags = irq_save();

    if (smp_active() > 1)
        call(cpu_number(), function, argument);
    irq_restore(flags);
}

void smp_kick(unsigned number)
{
    apic_send(percpu_of(number)->apic_id, X86_VEC_CALL);
}

void smp_start(unsigned number, smp_function *function, void *argument)
{
    struct percpu *there = percpu_of(number);

    there->job_argument = argument;
    there->job_broken = false;
    __atomic_store_n(&there->job, function, __ATOMIC_RELEASE);
    smp_kick(number);
}

bool smp_wait(unsigned number)
{
    struct percpu *there = percpu_of(number);

    while (__atomic_load_n(&there->job, __ATOMIC_ACQUIRE)) {
        uint64_t flags = irq_save();

        smp_answer();
        irq_restore(flags);
        spin_pause();
    }
    return !there->job_broken;
}

void smp_run_job(void)
{
    struct percpu *here = this_cpu();

    if (!__atomic_load_n(&here->job, __ATOMIC_ACQUIRE))
        return;
    irq_enable();
    watchdog_progress();
    here->job_broken = escape_call(&here->test, here->job, here->job_argument);
    watchdog_progress();
    irq_disable();
    thread_current->state = THREAD_READY; /* it may have been abandoned while it slept */
    load(pks_default);
    __atomic_store_n(&here->job, NULL, __ATOMIC_RELEASE);
}

/* The processor is to be parked, and whatever still runs here belongs to a test that is over. */
static void drop_work(struct trap_frame *frame)
{
    struct percpu *here = this_cpu();

    if (!thread_kill(frame) && here->job)
        here->job_dropped = escape_from(frame, &here->test);
}

static void answer_interrupt(struct trap_frame *frame)
{
    smp_answer();
    if (cpu_number() >= smp_active())
        drop_work(frame);
}

void smp_call_init(void)
{
    apic_set_handler(X86_VEC_CALL, answer_interrupt);
}
