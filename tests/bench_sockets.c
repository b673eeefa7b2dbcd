/*
 * The processor's own part of the costs on the first processor of every other socket: registers,
 * invalidations, address spaces, and the runtime's changes of rights. Threads and faults are the same code on
 * the same kind of processor; bench_cost has them. A socket is a package by its APIC IDs ("Hierarchical
 * Mapping of Shared Resources", SDM volume 3; CPUID leaf 0BH).
 */
#include "bench.h"
#include "smp.h"
#include "smp_call.h"

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

static void run(void *argument)
{
    struct bench *b = argument;

    b->cpu = cpu_number();
    bench_alone(b);
}

SMP_TEST(bench_sockets,
         "What registers, invalidations and rights cost on the first processor of every other socket")
{
    struct bench b;
    unsigned shift = package_shift(), measured = 0;

    if (!bench_open(&b))
        return;
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
