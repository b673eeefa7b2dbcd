/* Source: Intel, "IA-PC HPET (High Precision Event Timers) Specification 1.0a", "Register Model". */

#include "deadman.h"

#include "apic.h"
#include "cpu.h"
#include "format.h"
#include "frames.h"
#include "hpet.h"
#include "ioapic.h"
#include "paging.h"
#include "percpu.h"
#include "spin.h"
#include "time.h"
#include "trap.h"

#define TIMER(n)         ((0x100 + 0x20 * (n)) / 4) /* its configuration, then its capabilities */
#define TIMER_COMPARE(n) (TIMER(n) + 2)
#define TIMER_MESSAGE(n) (TIMER(n) + 4) /* value, address */

#define TIMER_NMI     0x0104u /* enabled, edge, once, 32 bits */
#define TIMER_ROUTE   9
#define TIMER_SEND    0x4000u
#define TIMER_CAN     0x8000u /* send */
#define MESSAGE_BASE  0xfee00000u
#define MESSAGE_DEST  12
#define FEMTO_PER_US  1000000000ull
#define DEADMAN_US    (DEADMAN_S * 1000000u)
#define TRIAL_US      1000u
#define TRIAL_WAIT_US 200000u

static volatile uint32_t *hpet; /* NULL: not in use */
static uint32_t femtoseconds;   /* of a count */
static unsigned timer, line;    /* line of the I/O APICs; 0: by message */
static char way[12];
static struct spin lock;
static bool running;
static uint64_t set_us;      /* when it was set back */
static uint64_t progress_at; /* as it was then */
static unsigned came;        /* in a row that found no progress */
static bool on_its_way;      /* an NMI may have been, when it was set back */
static unsigned trials;

static void halt(void)
{
    hpet[HPET_CONFIGURATION] = 0;
}

/* The counter is what starts again: in a 32-bit one-shot, its wrap would be an interrupt too. */
static void count_from_zero(void)
{
    halt();
    hpet[HPET_COUNTER] = 0;
    hpet[HPET_COUNTER + 1] = 0;
    hpet[HPET_CONFIGURATION] = HPET_ENABLE;
}

static void set_period(uint64_t us)
{
    halt();
    hpet[TIMER_COMPARE(timer)] = (uint32_t)(us * FEMTO_PER_US / femtoseconds);
    count_from_zero();
}

/*
 * An input that no device of a PC drives at rest: ISA's, but not the PIT's; those from 16 on are shared with
 * PCI lines, which may be held by what firmware has left behind.
 */
static unsigned choose_input(uint32_t routes)
{
    static const uint8_t quiet[] = {8, 11, 12, 10, 9, 5};

    for (unsigned i = 0; i < sizeof(quiet); i++)
        if (routes >> quiet[i] & 1)
            return quiet[i];
    for (unsigned input = 31; input >= 16; input--)
        if (routes >> input & 1)
            return input;
    return 0;
}

/* The last timer: firmware and legacy interrupts use the first ones. */
static bool connect(const struct boot_info *boot)
{
    uint32_t configuration;
    unsigned input;

    timer = hpet[HPET_CAPABILITIES] >> 8 & 0x1f;
    configuration = hpet[TIMER(timer)];
    input = choose_input(hpet[TIMER(timer) + 1]);
    if (configuration & TIMER_CAN) {
        hpet[TIMER_MESSAGE(timer)] = X86_APIC_ICR_NMI;
        hpet[TIMER_MESSAGE(timer) + 1] = MESSAGE_BASE | apic_id() << MESSAGE_DEST;
        hpet[TIMER(timer)] = TIMER_NMI | TIMER_SEND;
        format(way, sizeof(way), "message");
        return true;
    }
    if (!input || !ioapic_nmi(boot, input, apic_id()))
        return false;
    line = input;
    hpet[TIMER(timer)] = TIMER_NMI | input << TIMER_ROUTE;
    format(way, sizeof(way), "gsi%u", input);
    return true;
}

static bool take_trial(struct trap_frame *frame)
{
    (void)frame;
    trials++;
    return true;
}

static bool try_it(void)
{
    uint64_t start = time_us();

    trap_set_handler(X86_VEC_NMI, take_trial);
    set_period(TRIAL_US);
    while (!__atomic_load_n(&trials, __ATOMIC_RELAXED) && time_us() - start < TRIAL_WAIT_US)
        spin_pause();
    halt();
    trap_set_handler(X86_VEC_NMI, NULL);
    return trials;
}

const char *deadman_open(const struct boot_info *boot)
{
    struct hpet found;
    const char *why = NULL;

    if (!hpet_open(boot, &found))
        return "no HPET";
    hpet = found.registers;
    femtoseconds = found.femtoseconds;
    halt(); /* the timer's comparator may be behind the counter */
    if (!connect(boot))
        why = "the HPET reaches no I/O APIC";
    else if (!try_it())
        why = "the HPET's NMI does not arrive";
    if (why) {
        hpet[TIMER(timer)] = 0;
        if (line)
            ioapic_close(boot, line);
        hpet_close(&found);
        hpet = NULL;
        return why;
    }
    set_period(DEADMAN_US);
    halt();
    return NULL;
}

const char *deadman_way(void)
{
    return way;
}

static uint64_t top_entry(uint64_t root)
{
    const struct space space = {.root = root, .levels = space_current()->levels};

    return *page_walk(&space, (uintptr_t)hpet, space.levels, false, NULL) & ~(uint64_t)X86_PTE_A;
}

/* In the kernel's space, or in one that shares this part of it, as the matrix has them. */
static bool in_reach(void)
{
    uint64_t root = cr3_read() & X86_PTE_ADDR;
    uint64_t kernels = space_current()->root;

    return hpet && (root == kernels || (frame_owned(root) && top_entry(root) == top_entry(kernels)));
}

/* It has sent the NMI since it was set back; exact once it is halted. */
static bool expired(void)
{
    return hpet[HPET_COUNTER] >= hpet[TIMER_COMPARE(timer)];
}

void deadman_restart(uint64_t progress)
{
    if (!in_reach() || !spin_try(&lock))
        return;
    halt();
    on_its_way = expired();
    running = true;
    set_us = time_us();
    progress_at = progress;
    came = 0;
    count_from_zero();
    spin_release(&lock);
}

void deadman_stop(void)
{
    if (!in_reach())
        return;
    halt();
    on_its_way = expired();
    running = false;
}

/* In an NMI that may have interrupted either of those at any of its steps. */
bool deadman_take(uint64_t progress, unsigned *quiet)
{
    bool mine;

    if (!hpet || cpu_number())
        return false;
    mine = in_reach() ? expired() : time_us() - set_us > DEADMAN_US / 2;
    if (!running || !mine) {
        mine = on_its_way;
        on_its_way = false;
        *quiet = 0;
        return mine;
    }
    came = progress == progress_at ? came + 1 : 0;
    progress_at = progress;
    set_us = time_us();
    if (in_reach())
        count_from_zero();
    *quiet = came;
    return true;
}
