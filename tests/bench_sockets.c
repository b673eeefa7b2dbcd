/*
 * The same as bench_cost on the first processor of every other socket. A socket is a package by its APIC IDs
 * ("Hierarchical Mapping of Shared Resources", SDM volume 3; CPUID leaf 0BH).
 *
 * Two rows are not quite bench_cost's, because all processors are awake: the change of a key interrupts each
 * of the others, and waits for it; and whoever looks for the next thread passes one more, the test's own.
 */
#include "apic.h"
#include "bench.h"
#include "smp.h"
#include "smp_call.h"
#include "thread.h"

#define LEAF_TOPOLOGY 0xbu
#define SHIFT_MASK    0x1fu
#define LEVEL_MASK    0xff00u

/* How far an APIC ID is shifted to name the package: by what the last level says; 32, and so one package,
 * without one. */
static unsigned package_shift(void)
{
    unsigned shift = 32;

    if (cpuid(0, 0).eax < LEAF_TOPOLOGY)
        return shift;
    for (uint32_t level = 0;; level++) {
        struct cpuid_regs leaf = cpuid(LEAF_TOPOLOGY, level);

        if (!(leaf.ecx & LEVEL_MASK))
            return shift;
        shift = leaf.eax & SHIFT_MASK;
    }
}

static uint64_t package_of(unsigned number, unsigned shift)
{
    return (uint64_t)percpu_of(number)->apic_id >> shift;
}

/* No processor with a lower number is in its package. */
static bool first_of_socket(unsigned number, unsigned shift)
{
    for (unsigned i = 0; i < number; i++)
        if (package_of(i, shift) == package_of(number, shift))
            return false;
    return true;
}

static void measure(void *bench)
{
    bench_all(bench);
}

/* A job, which goes on only when no thread of its processor can: the switches are measured between threads.
 */
static void run(void *bench)
{
    struct bench *b = bench;

    b->cpu = cpu_number();
    REQUIRE(thread_join(thread_create("bench", measure, b), NULL) == THREAD_RETURNED);
}

/* The watchdog's timer, until the processors are parked again: nothing but what is measured may interrupt
 * one. Meanwhile the first processor watches, in smp_wait(). */
static void stop_timer(void *unused)
{
    (void)unused;
    apic_stop();
}

SMP_TEST(bench_sockets, "What the same operations cost on the first processor of every other socket")
{
    struct bench b;
    unsigned shift = package_shift(), measured = 0;

    if (!bench_open(&b))
        return;
    smp_call_others(stop_timer, NULL);
    for (unsigned i = 1; i < smp_count(); i++) {
        if (!first_of_socket(i, shift))
            continue;
        smp_start(i, run, &b);
        REQUIRE(smp_wait(i));
        measured++;
    }
    if (!measured)
        test_skip("one socket");
    bench_close(&b);
}
