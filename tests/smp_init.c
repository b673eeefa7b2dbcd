/*
 * A processor that is reset with INIT while its PKRS holds other rights than the default. What PKRS holds
 * afterwards is only observed (A7), before the start path overwrites it with garbage; whatever it is, the
 * processor has to run with the default.
 */
#include "keyed.h"
#include "smp.h"
#include "smp_call.h"
#include "smp_start.h"
#include "spin.h"
#include "time.h"

#define READY_US 2000000u

/* What a processor runs when INIT comes; it is started anew, and then finds the same job waiting. */
static struct life {
    uint32_t before; /* written to PKRS */
    bool ready;
    bool again;
    uint32_t pkrs, copy;
    uint64_t cr4;
} life;

static void live(void *unused)
{
    (void)unused;
    if (life.ready) {
        life.pkrs = (uint32_t)msr_read(X86_MSR_IA32_PKRS);
        life.copy = pks_copy;
        life.cr4 = cr4_read();
        life.again = true;
        return;
    }
    pkrs_write(life.before);
    __atomic_store_n(&life.ready, true, __ATOMIC_RELEASE);
    for (;;)
        spin_pause();
}

/* False if the processor did not come back, which ends its part in the whole run. */
static bool reset_and_look(unsigned number, uint32_t before)
{
    uint64_t start = time_us();
    uint32_t found;

    life = (struct life){.before = before};
    smp_start(number, live, NULL);
    while (!__atomic_load_n(&life.ready, __ATOMIC_ACQUIRE))
        spin_pause();
    if (!smp_restart(number)) {
        test_error("processor %u does not come back from INIT after %lu us", number, time_us() - start);
        return false;
    }
    smp_wait(number);
    found = percpu_of(number)->pkrs_found;
    test_note("observe id=A7 before=0x%x found=0x%x kept=%u", before, found, found == before);
    expect_equal(life.again, true, "processor %u took up its job again", number);
    expect_equal(life.pkrs, PKRS_DEFAULT, "PKRS of processor %u behind INIT, which left 0x%x", number, found);
    expect_equal(life.copy, PKRS_DEFAULT, "software copy of processor %u behind INIT", number);
    expect_equal(life.cr4, cr4_read(), "CR4 of processor %u behind INIT", number);
    return true;
}

SMP_TEST(smp_init_rights,
         "INIT finds a processor with other rights than the default; it runs on with the default")
{
    static const uint32_t before[] = {0, 0xfffffffc, 0x9e3779b8};

    SKIP_UNLESS(cpu.pks, "no pks");
    for (unsigned i = 0; i < 3; i++)
        if (!reset_and_look(1 + i % (smp_count() - 1), before[i]))
            return;
}
