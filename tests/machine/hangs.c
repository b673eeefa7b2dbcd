/*
 * Sabotage for the watchdog: each of these tests hangs in another way. It is not part of the image;
 * test_watchdog.py builds a copy that has it, and looks what is said of each, and by whom.
 */
#include "smp.h"
#include "smp_call.h"
#include "spin.h"
#include "test.h"
#include "window.h"

static struct spin locks[2];
static unsigned arrived;

/* HLT costs the computer nothing, so that several machines can hang side by side. */
static __attribute__((noinline)) void halt_for_ever(void *unused)
{
    (void)unused;
    for (;;)
        __asm__ volatile("cli; hlt");
}

ONCE_TEST(hang_a_first, "passes before anything hangs")
{
    test_note("first");
}

ONCE_TEST(hang_b_spin, "a loop with interrupts off")
{
    __asm__ volatile("mov $0x5eed, %%ebx; cli; 0: jmp 0b" : : : "rbx");
}

ONCE_TEST(hang_c_halt, "HLT with interrupts off")
{
    halt_for_ever(NULL);
}

SMP_TEST(hang_d_job, "a job on another processor stops, and the first one waits for it")
{
    smp_start(1, halt_for_ever, NULL);
    smp_wait(1);
}

static void take_both(void *first)
{
    unsigned a = *(unsigned *)first;

    spin_lock(&locks[a]);
    __atomic_fetch_add(&arrived, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&arrived, __ATOMIC_SEQ_CST) % 2)
        spin_pause();
    spin_lock(&locks[!a]);
}

SMP_TEST(hang_e_locks, "two processors wait for each other's lock")
{
    static unsigned zero = 0, one = 1;

    smp_start(1, take_both, &one);
    take_both(&zero);
}

SMP_TEST(hang_f_first, "the first processor stops while the others have nothing to do")
{
    halt_for_ever(NULL);
}

TEST(hang_h_space, "HLT in an address space of the test's own, as a matrix has it")
{
    struct space space;

    if (window_space_make(&space)) {
        cr3_write(space.root);
        halt_for_ever(NULL);
    }
}

ONCE_TEST(hang_g_last, "passes after all that")
{
    test_note("last");
}
