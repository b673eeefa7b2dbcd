/*
 * What the watchdog does, on processors that are well: one is asked where it stands and goes on as if nothing
 * had been, and the processor that watches is not disturbed by what a test does to the tables and keys that
 * all share. That a test which hangs is ended is shown by sabotage (tests/machine/test_watchdog.py).
 *
 * An NMI arrives whatever the interrupt flag says, and another one not before the IRET of the first (SDM
 * volume 3, "Nonmaskable Interrupt (NMI)", "Handling Multiple NMIs"). An event changes nothing of PKRS
 * ("Protection Keys").
 */
#include "apic.h"
#include "desc.h"
#include "keyed.h"
#include "kmap.h"
#include "smp.h"
#include "smp_call.h"
#include "spin.h"
#include "test.h"
#include "time.h"
#include "watchdog.h"
#include "watchdog_ask.h"

#define SIGN    0x5ee9f00du
#define RIGHTS  0x12345450u
#define WAIT_US 3000000u

static struct trap_frame told;
static unsigned told_by;
static bool stop, stands;
static uint32_t rights_after;

/* Stands in a loop with interrupts off, with rights and in a register that can be known again. */
static void stand(void *unused)
{
    (void)unused;
    irq_disable();
    if (pks_present)
        pkrs_write(RIGHTS);
    __atomic_store_n(&stands, true, __ATOMIC_RELEASE);
    __asm__ volatile("0: pause; cmpb $0, %0; je 0b" : : "m"(stop), "b"((uint64_t)SIGN) : "cc", "memory");
    if (pks_present) {
        rights_after = (uint32_t)msr_read(X86_MSR_IA32_PKRS);
        pkrs_write(pks_default);
    }
    irq_enable();
}

static void listen(const struct trap_frame *frame)
{
    told = *frame;
    told_by = cpu_number();
}

static void reset(void)
{
    stop = stands = false;
    told_by = UINT32_MAX;
}

static void check_told(unsigned number)
{
    expect_equal(told_by, number, "the processor that tells");
    expect_equal(told.vector, X86_VEC_NMI, "vector");
    expect_equal(told.rbx, SIGN, "RBX of processor %u", number);
    expect_equal(told.rflags & X86_EFLAGS_IF, 0, "IF of processor %u", number);
    if (pks_present) {
        expect_equal(told.pkrs, RIGHTS, "PKRS of processor %u", number);
        expect_equal(rights_after, RIGHTS, "PKRS of processor %u afterwards", number);
    }
}

SMP_TEST(smp_watchdog_ask, "Each processor says where it stands with interrupts off, and goes on")
{
    for (unsigned i = 1; i < smp_count(); i++) {
        reset();
        smp_start(i, stand, NULL);
        while (!__atomic_load_n(&stands, __ATOMIC_ACQUIRE))
            spin_pause();
        expect_equal(watchdog_ask(i, listen, false), ANSWER_DONE, "answer of processor %u", i);
        stop = true;
        smp_wait(i);
        check_told(i);
    }
}

static void ask_first(void *answer)
{
    while (!__atomic_load_n(&stands, __ATOMIC_ACQUIRE))
        spin_pause();
    *(enum answer *)answer = watchdog_ask(0, listen, false);
    __atomic_store_n(&stop, true, __ATOMIC_RELEASE);
}

SMP_TEST(smp_watchdog_first, "The first processor says where it stands when another one asks it")
{
    enum answer answer = ANSWER_NONE;

    reset();
    smp_start(1, ask_first, &answer);
    stand(NULL);
    irq_disable();
    smp_wait(1);
    expect_equal(answer, ANSWER_DONE, "answer");
    check_told(0);
}

static bool block(struct trap_frame *frame)
{
    (void)frame;
    __atomic_store_n(&stands, true, __ATOMIC_RELEASE);
    while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE))
        spin_pause();
    return true;
}

static void send_self(void *unused)
{
    (void)unused;
    apic_send_self_nmi();
}

SMP_TEST(smp_watchdog_deaf, "A processor that handles an NMI does not answer, and does so behind it")
{
    reset();
    trap_set_handler(X86_VEC_NMI, block);
    smp_start(1, send_self, NULL);
    while (!__atomic_load_n(&stands, __ATOMIC_ACQUIRE))
        spin_pause();
    expect_equal(watchdog_ask(1, listen, false), ANSWER_NONE, "answer in the handler");
    expect_equal(told_by, UINT32_MAX, "who has told anything");
    stop = true;
    smp_wait(1);
    for (uint64_t start = time_us(); told_by == UINT32_MAX && time_us() - start < WAIT_US;)
        spin_pause();
    trap_set_handler(X86_VEC_NMI, NULL);
    expect_equal(__atomic_load_n(&told_by, __ATOMIC_ACQUIRE), 1, "who has told, late");
}

/* With no gate that an event could use, no rights that a handler could have, and the kernel's pages on
 * another key. No call into C code of others meanwhile, and no event on this processor. */
static bool watched_through(void)
{
    unsigned before = watchdog_looks();
    uint64_t start = time_us();
    uint32_t usual = pks_default;
    unsigned last = smp_count() - 1;

    for (unsigned vector = 0; vector < X86_VECTORS; vector++)
        idt_set_present(vector, false);
    if (pks_present) {
        pkrs_write(0);
        pks_default = UINT32_MAX;
    }
    smp_kick(last); /* as one that comes late */
    while (watchdog_looks() == before && time_us() - start < WAIT_US)
        spin_pause();
    if (pks_present) {
        pks_default = usual;
        pkrs_write(usual);
    }
    idt_reset();
    return watchdog_looks() != before;
}

TEST(smp_watchdog_undisturbed, "Who watches needs no gate, no default rights and no key of the running "
                               "test's, and a late kick takes none")
{
    SKIP_UNLESS(watchdog_has_timer(), "no parked processor watches");
    if (!watched_through())
        test_error("nobody has looked for %u s", WAIT_US / 1000000);
    if (!pks_present)
        return;
    kernel_set_key(5);
    if (!watched_through())
        test_error("nobody has looked for %u s while the kernel had key 5", WAIT_US / 1000000);
    kernel_set_key(0);
}
