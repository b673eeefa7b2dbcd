/* The control state of a matrix: written only where it differs, because each change costs more than an
 * access. */
#include "fastprobe.h"
#include "kmap.h"
#include "matrix_pages.h"

static uint32_t pkrs_now, pkru_now;

bool matrix_open(unsigned leaf_level)
{
    if (!matrix_pages_map(leaf_level)) {
        test_error("matrix: no memory for the pages under test");
        return false;
    }
    for (unsigned kind = 0; kind < PKS_KINDS; kind++)
        *matrix_memory(kind) = MATRIX_PATTERN;
    machine_set(machine_normal());
    pkrs_now = machine_normal().pkrs;
    pkru_now = 0;
    fast_begin();
    return true;
}

static void set_pkrs(uint32_t value)
{
    if (value != pkrs_now)
        msr_write(X86_MSR_IA32_PKRS, pkrs_now = value);
}

void matrix_set_control(unsigned kernel_key, const struct pks_state *s)
{
    uint64_t old = cr4_read();
    uint64_t cr4 = old | X86_CR4_PGE;

    if (pks_present && kernel_set_key(kernel_key))
        pkrs_now = pks_default;
    if (cpu.pku && s->pkru != pkru_now) {
        if (!(old & X86_CR4_PKE))
            cr4_write(old |= X86_CR4_PKE); /* WRPKRU needs it */
        pkru_write(pkru_now = s->pkru);
    }
    cr4 = with_bit(cr4, X86_CR4_PKS, s->pks);
    cr4 = with_bit(cr4, X86_CR4_PKE, s->pke);
    cr4 = with_bit(cr4, X86_CR4_SMEP, s->smep);
    cr4 = with_bit(cr4, X86_CR4_SMAP, s->smap);
    if (cr4 != old)
        cr4_write(cr4);
    matrix_turn(s);
}

void matrix_turn(const struct pks_state *s)
{
    uint64_t cr0 = cr0_read();
    uint64_t flags;

    if (pks_present)
        set_pkrs(s->pkrs);
    if (s->pke && s->pkru != pkru_now)
        pkru_write(pkru_now = s->pkru);
    if (s->wp != !!(cr0 & X86_CR0_WP))
        cr0_write(with_bit(cr0, X86_CR0_WP, s->wp));
    __asm__ volatile("pushfq; pop %0" : "=r"(flags));
    if (s->ac != !!(flags & X86_EFLAGS_AC))
        __asm__ volatile("push %0; popfq" : : "r"(with_bit(flags, X86_EFLAGS_AC, s->ac)) : "cc");
}

void matrix_close(void)
{
    struct pks_state normal = {.wp = true, .pkrs = pkrs_now};

    fast_end();
    matrix_pages_unmap();
    matrix_turn(&normal); /* EFLAGS.AC */
    cr4_write(cr4_read() & ~(uint64_t)X86_CR4_PGE);
    if (pks_present)
        kernel_set_key(0);
    machine_set(machine_normal());
}
