/* The control state of a matrix: written only where it differs, because each change costs more than an
 * access. */
#include "kmap.h"
#include "matrix_worker.h"

/* Whatever stands in the registers, a worker begins in the same state as every other one. */
void matrix_start_work(struct matrix_worker *w)
{
    uint64_t flags = irq_save();

    w->before = machine_read();
    w->before.rflags = (w->before.rflags & ~(uint64_t)X86_EFLAGS_IF) | (flags & X86_EFLAGS_IF);
    machine_set(machine_normal());
    cr3_write(w->space.root);
    w->pkrs = machine_normal().pkrs;
    w->pkru = 0;
    w->at_work = true;
}

void matrix_stop_work(struct matrix_worker *w)
{
    cr4_write(cr4_read() & ~(uint64_t)X86_CR4_PGE);
    w->at_work = false;
    machine_restore(&w->before);
}

static void set_pkrs(struct matrix_worker *w, uint32_t value)
{
    if (value != w->pkrs)
        msr_write(X86_MSR_IA32_PKRS, w->pkrs = value);
}

void matrix_set_control(struct matrix_worker *w, unsigned kernel_key, const struct pks_state *s)
{
    uint64_t old = cr4_read();
    uint64_t cr4 = old | X86_CR4_PGE;

    if (pks_present && kernel_set_key(kernel_key))
        w->pkrs = pks_default;
    if (cpu.pku && s->pkru != w->pkru) {
        if (!(old & X86_CR4_PKE))
            cr4_write(old |= X86_CR4_PKE); /* WRPKRU needs it */
        pkru_write(w->pkru = s->pkru);
    }
    cr4 = with_bit(cr4, X86_CR4_PKS, s->pks);
    cr4 = with_bit(cr4, X86_CR4_PKE, s->pke);
    cr4 = with_bit(cr4, X86_CR4_SMEP, s->smep);
    cr4 = with_bit(cr4, X86_CR4_SMAP, s->smap);
    if (cr4 != old)
        cr4_write(cr4);
    matrix_turn(w, s);
}

void matrix_turn(struct matrix_worker *w, const struct pks_state *s)
{
    uint64_t cr0 = cr0_read();
    uint64_t flags;

    if (pks_present)
        set_pkrs(w, s->pkrs);
    if (s->pke && s->pkru != w->pkru)
        pkru_write(w->pkru = s->pkru);
    if (s->wp != !!(cr0 & X86_CR0_WP))
        cr0_write(with_bit(cr0, X86_CR0_WP, s->wp));
    __asm__ volatile("pushfq; pop %0" : "=r"(flags));
    if (s->ac != !!(flags & X86_EFLAGS_AC))
        __asm__ volatile("push %0; popfq" : : "r"(with_bit(flags, X86_EFLAGS_AC, s->ac)) : "cc");
}
