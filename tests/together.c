#include "together.h"

#include "cpu.h"
#include "escape.h"
#include "percpu.h"
#include "pks/pks.h"
#include "probe.h"
#include "smp.h"
#include "smp_call.h"
#include "spin.h"
#include "testcase.h"
#include "thread.h"

#include <stdint.h>

/* An emulator may have fewer processors than it shows: whoever waits for long gives its own away. */
#define SPINS 100u

static struct {
    unsigned count;
    together_function *function;
    void *argument;
    unsigned arrived, passed; /* at the barrier now; how often all did */
    unsigned done;
    bool abandoned, broken;
} now;

static bool sleeps[CPUS_MAX]; /* by number of the processor: it waits for an interrupt */

struct part {
    unsigned index;
};

static void call(void *part)
{
    now.function(((const struct part *)part)->index, now.argument);
}

/* What a test that broke leaves to the runner is left to this here: an escape goes on with interrupts off,
 * and with the rights that the exception interrupted. */
static void recover(void)
{
    __atomic_store_n(&now.broken, true, __ATOMIC_RELAXED);
    test_error("processor %u broke", cpu_number());
    probe_forget();
    thread_current->callbacks = 0;
    if (pks_present)
        pkrs_write(pks_default);
    irq_enable();
}

static void wake_sleepers(void)
{
    for (unsigned i = 0; i < smp_count(); i++)
        if (i != cpu_number() && __atomic_load_n(&sleeps[i], __ATOMIC_SEQ_CST))
            smp_kick(i);
}

/* A job, or the test's own call, which has to be left where the outer one is to go on. */
static void take_part(void *index)
{
    struct escape outer = escape_test;
    struct part part = {(unsigned)(uintptr_t)index};

    if (escape_call(&escape_test, call, &part))
        recover();
    escape_test = outer;
    __atomic_store_n(&now.abandoned, true, __ATOMIC_SEQ_CST); /* who waits now does so in vain */
    wake_sleepers();
    __atomic_fetch_add(&now.done, 1, __ATOMIC_RELEASE);
    if (cpu_number())
        smp_kick(0);
}

/* The first processor, whose part is over or which has none, leaves the computer that emulates it to others.
 */
static void await_all(void)
{
    for (;;) {
        irq_disable();
        if (__atomic_load_n(&now.done, __ATOMIC_ACQUIRE) == now.count)
            return;
        __asm__ volatile("sti; hlt" : : : "memory"); /* no interrupt can come between the two */
    }
}

bool together_on(const unsigned *numbers, unsigned count, together_function *function, void *argument)
{
    uint64_t flags = irq_save();

    now = (typeof(now)){.count = count, .function = function, .argument = argument};
    for (unsigned i = 0; i < count; i++)
        if (numbers[i])
            smp_start(numbers[i], take_part, (void *)(uintptr_t)i);
    irq_enable();
    for (unsigned i = 0; i < count; i++)
        if (!numbers[i])
            take_part((void *)(uintptr_t)i);
    await_all();
    irq_restore(flags);
    for (unsigned i = 0; i < count; i++)
        if (numbers[i])
            smp_wait(numbers[i]);
    return !now.broken;
}

bool together(unsigned count, together_function *function, void *argument)
{
    static unsigned numbers[CPUS_MAX];

    for (unsigned i = 0; i < count; i++)
        numbers[i] = i;
    return together_on(numbers, count, function, argument);
}

static bool all_came(unsigned passed)
{
    return __atomic_load_n(&now.passed, __ATOMIC_SEQ_CST) != passed;
}

static bool over(unsigned passed)
{
    return all_came(passed) || __atomic_load_n(&now.abandoned, __ATOMIC_SEQ_CST);
}

static void spin(unsigned passed)
{
    for (unsigned polls = 0; polls < SPINS && !over(passed); polls++)
        spin_pause();
}

static void sleep(unsigned passed)
{
    bool *asleep = &sleeps[cpu_number()];

    __atomic_store_n(asleep, true, __ATOMIC_SEQ_CST);
    irq_disable();
    while (!over(passed))
        __asm__ volatile("sti; hlt; cli" : : : "memory"); /* no interrupt can come between the first two */
    irq_enable();
    __atomic_store_n(asleep, false, __ATOMIC_SEQ_CST);
}

bool together_barrier(void)
{
    unsigned passed = __atomic_load_n(&now.passed, __ATOMIC_SEQ_CST);

    if (__atomic_load_n(&now.abandoned, __ATOMIC_SEQ_CST))
        return false;
    if (__atomic_add_fetch(&now.arrived, 1, __ATOMIC_SEQ_CST) == now.count) {
        __atomic_store_n(&now.arrived, 0, __ATOMIC_SEQ_CST);
        __atomic_store_n(&now.passed, passed + 1, __ATOMIC_SEQ_CST);
        wake_sleepers();
        return true;
    }
    spin(passed);
    sleep(passed);
    return all_came(passed); /* then another one may have returned since */
}
