#include "smp.h"

#include "apic.h"
#include "cpu.h"
#include "firmware.h"
#include "format.h"
#include "frames.h"
#include "kmap.h"
#include "log.h"
#include "schedule.h"
#include "smp_call.h"
#include "smp_idle.h"
#include "smp_start.h"
#include "string.h"

#include <stdarg.h>

#define FAILURES_MAX 16u
#define BELOW_4G     0x100000000ull

/* All that a further processor needs, in memory of the pool. */
struct memory {
    struct stack stacks[STACKS];
    struct percpu block;
    struct thread idle;
};
#define MEMORY_SIZE (256u << 10)
_Static_assert(sizeof(struct memory) <= MEMORY_SIZE, "a power of two, so that frames come aligned");

static struct percpu first = {
    .thread = &threads[0], .idle = &threads[0], .stacks = stacks, .start = START_ONLINE};
static struct percpu *blocks[CPUS_MAX] = {&first};
static unsigned count = 1;

static const struct acpi_madt *madt;
static uint64_t start_us;
static unsigned asked;
static char failures[FAILURES_MAX + 1][96]; /* the last one counts those that have no place */
static unsigned failure_count;

__attribute__((format(printf, 1, 2))) static void fail(const char *fmt, ...)
{
    va_list args;

    if (++failure_count > FAILURES_MAX) {
        format(failures[FAILURES_MAX], sizeof(failures[0]), "and %u more", failure_count - FAILURES_MAX);
        return;
    }
    va_start(args, fmt);
    vformat(failures[failure_count - 1], sizeof(failures[0]), fmt, args);
    va_end(args);
}

const char *smp_failure(unsigned index)
{
    return index < failure_count && index <= FAILURES_MAX ? failures[index] : NULL;
}

unsigned smp_count(void)
{
    return count;
}

unsigned smp_listed(void)
{
    return madt ? madt->cpu_count : 1;
}

struct percpu *percpu_of(unsigned number)
{
    return blocks[number];
}

/* Below 4 GiB: the stack is used on the first tables, and by boot/la57.asm. */
static struct percpu *make_block(uint32_t apic_id)
{
    uint64_t run = frame_run_alloc(MEMORY_SIZE);
    struct memory *memory = frame_pointer(run);

    if (!run || run + MEMORY_SIZE > BELOW_4G)
        return NULL;
    memset(memory, 0, sizeof(*memory));
    for (unsigned i = 0; i < STACKS; i++)
        kernel_unmap((uintptr_t)memory->stacks[i].guard);
    memory->idle = (struct thread){
        .name = "idle", .state = THREAD_READY, .pinned = true, .running = true, .stack = &memory->stacks[0]};
    memory->block = (struct percpu){
        .stacks = memory->stacks, .thread = &memory->idle, .idle = &memory->idle, .apic_id = apic_id};
    return &memory->block;
}

/* The processors of the MADT but this one, as many as may be started; how many. */
static unsigned choose(unsigned limit)
{
    unsigned wanted = limit ? limit : CPUS_MAX;
    unsigned chosen = 1;

    for (unsigned i = 0; i < madt->cpu_count; i++) {
        uint32_t id = madt->cpu[i].apic_id;

        if (id == first.apic_id || (chosen == wanted && limit))
            continue;
        if (chosen == wanted) {
            fail("%u processors are the most: the one with APIC ID %u is left out", wanted, id);
            continue;
        }
        if (id >= APIC_X2APIC_ONLY && !apic_x2apic()) {
            fail("the processor with APIC ID %u needs an x2APIC", id);
            continue;
        }
        blocks[chosen] = make_block(id);
        if (!blocks[chosen]) {
            fail("no 256 KiB below 4 GiB for the processor with APIC ID %u", id);
            continue;
        }
        chosen++;
    }
    return chosen;
}

/* Closes the gaps that processors leave which did not start. */
static void number_those_online(unsigned chosen)
{
    static struct percpu *all[CPUS_MAX]; /* boot/trampoline.asm goes on with this list */

    memcpy(all, blocks, sizeof(all));
    smp_start_from(all, chosen);
    for (unsigned i = 1; i < chosen; i++) {
        if (smp_online(all[i])) {
            blocks[count] = all[i];
            all[i]->idle->cpu = count;
            __atomic_store_n(&all[i]->number, count++, __ATOMIC_RELEASE);
        } else {
            fail("the processor with APIC ID %u does not start", all[i]->apic_id);
        }
    }
}

void smp_init(const struct boot_info *boot, unsigned limit)
{
    const char *problem;
    unsigned chosen;

    asked = limit;
    madt = firmware_madt(boot, &problem);
    if (limit == 1 || !firmware_acpi(boot) || !apic_open())
        return;
    if (!madt) {
        fail("%s", problem);
        return;
    }
    first.apic_id = apic_id();
    chosen = choose(limit);
    smp_call_init();
    smp_start_from(blocks, chosen);
    start_us = smp_bring_up(blocks + 1, chosen - 1);
    number_those_online(chosen);
    smp_park();
}

/* With the threads' lock, so that none of them has it when it is reset. */
static uint64_t restart(unsigned from, unsigned number)
{
    uint64_t flags = spin_lock(&threads_lock);
    uint64_t us = smp_bring_up(&blocks[from], number) + 1; /* without a clock too it took some time */

    for (unsigned i = from; i < from + number; i++)
        if (!smp_online(blocks[i]))
            us = 0;
    spin_unlock(&threads_lock, flags);
    return us;
}

uint64_t smp_restart(unsigned number)
{
    return restart(number, 1);
}

uint64_t smp_restart_at_once(void)
{
    return restart(1, count - 1);
}

void smp_print(void)
{
    log_line("# @ cpus online=%u listed=%u disabled=%u limit=%u apic=%s memory_kib=%u start_us=%lu", count,
             smp_listed(), madt ? madt->disabled_count : 0, asked, apic_is_x2apic() ? "x2apic" : "xapic",
             MEMORY_SIZE >> 10, start_us);
    for (unsigned i = 0; smp_failure(i); i++)
        log_line("# @ cpus problem=\"%s\"", smp_failure(i));
}

void smp_each_waiting_idle(void (*function)(struct thread *, void *), void *argument)
{
    for (unsigned i = 1; i < count; i++)
        if (!blocks[i]->idle->running)
            function(blocks[i]->idle, argument);
}
