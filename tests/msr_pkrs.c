/*
 * IA32_PKRS as a register, whatever the checks do with it (SDM volume 3, "Protection Keys", and volume 4's
 * table of MSRs): sixteen keys of two bits, the upper half reserved, readable and writable wherever CPUID
 * shows PKS, with CR4.PKS set or not, and changed by WRMSR alone: no CR3 load, no CR4 write, no exception and
 * no IRET touches it.
 */
#include "rng.h"
#include "test.h"

static uint32_t written_by_handler_check;
static uint32_t seen_in_frame, seen_in_handler;

/* A value that differs in every key from the default rights, with key 0 open so that the kernel can run. */
static uint32_t odd_value(unsigned i)
{
    uint64_t state = i;

    return (uint32_t)rng_next(&state) & ~PKR_MASK(0);
}

static uint64_t raw_read(void)
{
    return msr_read(X86_MSR_IA32_PKRS);
}

static void raw_write(uint32_t value)
{
    msr_write(X86_MSR_IA32_PKRS, value);
}

TEST(msr_enumeration,
     "Where CPUID shows PKS, CR4.PKS is set and PKRS holds the default rights before the first test")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    expect_equal(!!(cr4_read() & X86_CR4_PKS), true, "CR4.PKS");
    expect_equal(raw_read(), PKRS_DEFAULT, "IA32_PKRS");
}

TEST(msr_readback, "Every key's two bits read back as written, alone and with all other keys set")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    for (unsigned key = 1; key < X86_PKEYS; key++) {
        for (uint32_t rights = 0; rights < 4; rights++) {
            for (unsigned others = 0; others < 2; others++) {
                uint32_t value = pkr_set(others ? ~PKR_MASK(0) : 0, key, rights);

                raw_write(value);
                expect_equal(raw_read(), value, "key %u rights %u, other keys %s", key, rights,
                             others ? "denied" : "open");
            }
        }
    }
    raw_write(PKRS_DEFAULT);
}

TEST(msr_readback_key0, "Key 0's bits read back too, with CR4.PKS clear so that nothing acts on them")
{
    struct machine off = machine_normal();

    SKIP_UNLESS(cpu.pks, "no pks");
    off.pks = false;
    machine_set(off);
    for (uint32_t rights = 0; rights < 4; rights++) {
        uint32_t value = pkr_set(PKRS_DEFAULT, 0, rights);

        raw_write(value);
        expect_equal(raw_read(), value, "key 0 rights %u", rights);
    }
    machine_set(machine_normal());
}

TEST(msr_reserved, "Each of bits 63:32 is refused with #GP(0), and the register keeps its value")
{
    uint32_t kept = odd_value(1);

    SKIP_UNLESS(cpu.pks, "no pks");
    for (unsigned bit = 32; bit < 64; bit++) {
        struct outcome o;

        raw_write(kept);
        o = probe(PROBE_wrmsr, X86_MSR_IA32_PKRS, PKRS_DEFAULT | 1ull << bit);
        expect_outcome(&o, PROBE_wrmsr, FAULT_GP(0), 0, "of bit %u", bit);
        expect_equal(raw_read(), kept, "register after bit %u was refused", bit);
    }
    raw_write(PKRS_DEFAULT);
}

TEST(msr_without_cr4_pks, "RDMSR and WRMSR work with CR4.PKS clear")
{
    struct machine off = machine_normal();
    struct outcome o;

    SKIP_UNLESS(cpu.pks, "no pks");
    off.pks = false;
    machine_set(off);
    for (unsigned i = 0; i < test_effort(16); i++) {
        o = probe(PROBE_wrmsr, X86_MSR_IA32_PKRS, odd_value(i));
        expect_outcome(&o, PROBE_wrmsr, FAULT_NONE, 0, "of 0x%x", odd_value(i));
        o = probe(PROBE_rdmsr, X86_MSR_IA32_PKRS, 0);
        expect_outcome(&o, PROBE_rdmsr, FAULT_NONE, 0, "after 0x%x", odd_value(i));
        expect_equal(o.value, odd_value(i), "value read");
    }
    machine_set(machine_normal());
}

TEST(msr_survives_cr3, "PKRS survives loads of CR3")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    for (unsigned i = 0; i < test_effort(16); i++) {
        raw_write(odd_value(i));
        cr3_write(cr3_read());
        expect_equal(raw_read(), odd_value(i), "after a CR3 load");
    }
    raw_write(PKRS_DEFAULT);
}

TEST(msr_survives_toggle, "PKRS survives clearing and setting CR4.PKS")
{
    uint64_t cr4 = cr4_read();

    SKIP_UNLESS(cpu.pks, "no pks");
    for (unsigned i = 0; i < test_effort(16); i++) {
        raw_write(odd_value(i));
        cr4_write(cr4 & ~(uint64_t)X86_CR4_PKS);
        expect_equal(raw_read(), odd_value(i), "with CR4.PKS clear");
        cr4_write(cr4);
        expect_equal(raw_read(), odd_value(i), "with CR4.PKS set again");
    }
    raw_write(PKRS_DEFAULT);
}

static bool look(struct trap_frame *frame)
{
    seen_in_frame = (uint32_t)frame->pkrs;
    seen_in_handler = (uint32_t)raw_read();
    raw_write(written_by_handler_check); /* must be gone after the return */
    return true;
}

TEST(msr_survives_exception,
     "An exception leaves PKRS to the entry stub: it finds, saves and restores the register's value")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    trap_set_handler(X86_VEC_BP, look);
    for (unsigned i = 0; i < test_effort(16); i++) {
        uint32_t value = odd_value(i);

        written_by_handler_check = odd_value(i + 1000);
        raw_write(value);
        __asm__ volatile("int3" : : : "memory");
        expect_equal(raw_read(), value, "after the handler's return");
        expect_equal(seen_in_frame, value, "in the frame");
        expect_equal(seen_in_handler, PKRS_DEFAULT, "in the handler");
    }
    trap_set_handler(X86_VEC_BP, NULL);
    raw_write(PKRS_DEFAULT);
}

TEST(msr_survives_iret, "IRET itself does not change PKRS")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    for (unsigned i = 0; i < test_effort(16); i++) {
        uint64_t scratch;

        raw_write(odd_value(i));
        __asm__ volatile("mov %%rsp, %0\n\t"
                         "push %1\n\t"
                         "push %0\n\t"
                         "pushfq\n\t"
                         "push %2\n\t"
                         "lea 1f(%%rip), %0\n\t"
                         "push %0\n\t"
                         "iretq\n"
                         "1:"
                         : "=&r"(scratch)
                         : "i"(X86_SEG_DATA), "i"(X86_SEG_CODE64)
                         : "memory");
        expect_equal(raw_read(), odd_value(i), "after IRET");
    }
    raw_write(PKRS_DEFAULT);
}
