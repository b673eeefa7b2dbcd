#include "smp_start.h"

#include "apic.h"
#include "cpu.h"
#include "desc.h"
#include "handed.h"
#include "kmap.h"
#include "memmap.h"
#include "pks/pks.h"
#include "smp_idle.h"
#include "spin.h"
#include "string.h"
#include "thread.h"
#include "time.h"

#include <stddef.h>

#define LOW_MEMORY_END  0xa0000ull /* behind it: video memory and ROM */
#define ROUNDS          5u         /* a request may be lost */
#define ROUND_US        50000u     /* and more for each processor: an emulator may have fewer than it shows */
#define ROUND_EACH_US   20000u
#define ROUND_MAX_US    2000000u
#define INIT_US         10000u
#define STARTUP_US      200u
#define NO_DELAY_FAMILY 6u        /* since then INIT needs no time (Linux, smp_quirk_init_udelay()) */
#define POLLS           50000000u /* where there is no clock */
#define GARBAGE         0x9e3779b9u

/* boot/trampoline.asm */
extern const char trampoline[], trampoline_end[];
extern struct percpu **trampoline_blocks;
extern uint32_t trampoline_count;

_Noreturn void smp_main(struct percpu *block);

static uint64_t page; /* 0: there is none */

void smp_start_prepare(const struct boot_info *boot)
{
    static struct memmap usable;

    if (!memmap_usable(boot->map, boot->map_count, &usable))
        return;
    for (unsigned i = 0; i < usable.count; i++)
        for (uint64_t at = usable.range[i].start; at < usable.range[i].end && at < LOW_MEMORY_END;
             at += X86_PAGE_SIZE)
            page = at;
    if (page)
        memcpy((void *)(uintptr_t)page, trampoline, (size_t)(trampoline_end - trampoline));
}

static bool move(struct percpu *block, uint32_t from, uint32_t to)
{
    return __atomic_compare_exchange_n(&block->start, &from, to, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

/* What an event, a probe or a job had in hand when INIT came. */
static void forget(struct percpu *block)
{
    block->idle->frames = NULL;
    block->idle->probe = NULL;
    block->idle->callbacks = 0;
    block->test = block->user = block->call = (struct escape){0};
}

/*
 * The first C of another processor: on the first tables, interrupts off, no GS. What its PKRS holds then is
 * unknown ("Protection Keys": INIT leaves it alone), and is made unknown here on purpose: pks_enable() has to
 * put the default there whatever it finds.
 */
void smp_main(struct percpu *block)
{
    if (__atomic_load_n(&block->start, __ATOMIC_ACQUIRE) != START_ASKED)
        cpu_halt_forever(); /* nobody waits for it any more */
    forget(block);
    desc_load(block);
    handed_settle_other();
    cpu_enable_machine_checks();
    space_enter(space_current());
    apic_load();
    if (cpu.pks) {
        block->pkrs_found = (uint32_t)msr_read(X86_MSR_IA32_PKRS);
        msr_write(X86_MSR_IA32_PKRS, GARBAGE * (block->apic_id + 1) & UINT32_MAX);
    }
    if (!pks_enable() || apic_id() != block->apic_id)
        cpu_halt_forever();
    if (!move(block, START_ASKED, START_ONLINE))
        cpu_halt_forever();
    while (!__atomic_load_n(&block->number, __ATOMIC_ACQUIRE))
        spin_pause();
    smp_idle();
}

void smp_start_from(struct percpu **blocks, unsigned count)
{
    trampoline_blocks = blocks;
    trampoline_count = count;
}

static bool all_online(struct percpu *const *blocks, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (!smp_online(blocks[i]))
            return false;
    return true;
}

/* True as soon as all are online; false after that many microseconds. */
static bool await(struct percpu *const *blocks, unsigned count, uint64_t us)
{
    uint64_t start = time_us();

    for (unsigned polls = 0; !all_online(blocks, count); polls++) {
        if (start ? time_us() - start > us : polls == POLLS)
            return false;
        spin_pause();
    }
    return true;
}

/* Sends to those that stand at `from`, and moves them to `to` before. */
static void send_all(struct percpu *const *blocks, unsigned count, uint32_t from, uint32_t to,
                     uint32_t command)
{
    for (unsigned i = 0; i < count; i++)
        if (move(blocks[i], from, to))
            apic_send(blocks[i]->apic_id, command);
}

static bool start_round(struct percpu *const *blocks, unsigned count, unsigned round)
{
    uint32_t startup = X86_APIC_ICR_STARTUP | (uint32_t)(page / X86_PAGE_SIZE);
    uint64_t us = ROUND_US + (uint64_t)count * ROUND_EACH_US;

    send_all(blocks, count, START_ASKED, START_AGAIN, X86_APIC_ICR_INIT);
    if (round || cpu.family < NO_DELAY_FAMILY)
        time_wait(INIT_US);
    send_all(blocks, count, START_AGAIN, START_ASKED, startup);
    if (await(blocks, count, STARTUP_US))
        return true;
    send_all(blocks, count, START_ASKED, START_ASKED, startup);
    return await(blocks, count, us < ROUND_MAX_US ? us : ROUND_MAX_US);
}

uint64_t smp_bring_up(struct percpu *const *blocks, unsigned count)
{
    uint64_t start = time_us();

    for (unsigned i = 0; i < count; i++)
        __atomic_store_n(&blocks[i]->start, START_ASKED, __ATOMIC_RELEASE);
    for (unsigned round = 0; page && round < ROUNDS; round++)
        if (start_round(blocks, count, round))
            break;
    for (unsigned i = 0; i < count; i++)
        (void)move(blocks[i], START_ASKED, START_AGAIN); /* who comes later is refused */
    return time_us() - start;
}
