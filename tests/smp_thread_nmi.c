/*
 * NMIs from the first processor while threads with different rights give each other the others. One may come
 * between any two instructions of the scheduler, with its lock held, and of the switch: what it interrupts
 * has the rights of the thread that thread_of() names, or the default ones, where an entry or exit was
 * interrupted, and gets them back.
 */
#include "apic.h"
#include "threads.h"

#define ROAMERS 6u
#define NMIS    4000u /* sent; those that meet a pending one are lost */

static struct keyed keyed;

static struct roamer {
    uint32_t pkrs; /* from its first turn on */
    struct thread *thread;
} roamer[ROAMERS];

static unsigned stop, begun, came;

static void roam(void *argument)
{
    struct roamer *r = argument;

    REQUIRE(pks_mk(keyed.key, (enum pks_rights)pkr_get(r->pkrs, keyed.key)) == PKS_OK);
    count_up(&begun);
    for (unsigned i = 0; !count_now(&stop); i++) {
        thread_move(1 + i % (smp_count() - 1));
        thread_yield();
        expect_equal(pkrs_read_checked("between NMIs"), r->pkrs, "PKRS of a thread that NMIs interrupt");
    }
}

static bool take_nmi(struct trap_frame *frame)
{
    const struct thread *thread = thread_of(frame);
    uint32_t want = PKRS_DEFAULT;

    if (thread->function == roam)
        want = ((const struct roamer *)thread->argument)->pkrs;
    if (frame->pkrs != want && frame->pkrs != PKRS_DEFAULT)
        test_fail("NMI at 0x%lx on processor %u: interrupted 0x%lx, want 0x%x", frame->rip, cpu_number(),
                  frame->pkrs, want);
    expect_equal(pkrs_read_checked("in an NMI's handler"), PKRS_DEFAULT, "PKRS of an NMI's handler");
    count_up(&came);
    return true;
}

static void nothing(void *unused)
{
    (void)unused;
}

SMP_TEST(smp_thread_nmi, "An NMI anywhere in the scheduler finds the rights of the thread that it interrupts")
{
    static const enum pks_rights rights[] = {PKS_READWRITE, PKS_READONLY, PKS_NOACCESS};

    SKIP_UNLESS(cpu.pks, "no pks");
    if (!keyed_make(&keyed, "roams", 0, LEVEL_4K))
        return;
    stop = begun = came = 0;
    trap_set_handler(X86_VEC_NMI, take_nmi);
    for (unsigned i = 0; i < ROAMERS; i++) {
        roamer[i].pkrs = pkr_set(PKRS_DEFAULT, keyed.key, rights[i % 3]);
        roamer[i].thread = start_on(1 + i % (smp_count() - 1), true, roam, &roamer[i]);
    }
    await_count(&begun, ROAMERS, "threads");
    for (unsigned i = 0; i < NMIS && test_verdict() == VERDICT_PASS; i++) {
        apic_send(percpu_of(1 + i % (smp_count() - 1))->apic_id, X86_APIC_ICR_NMI);
        for (unsigned pause = 0; pause < i % 16; pause++)
            spin_pause();
    }
    await_count(&came, 1, "NMIs");
    count_up(&stop);
    for (unsigned i = 0; i < ROAMERS; i++)
        end_of(roamer[i].thread, "thread that NMIs interrupted");
    smp_call_others(nothing, NULL); /* the last NMIs come before that */
    trap_set_handler(X86_VEC_NMI, NULL);
    keyed_drop(&keyed);
}
