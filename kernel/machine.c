#include "machine.h"

#include "desc.h"
#include "pks/pks.h"

#include <stddef.h>

struct machine machine_normal(void)
{
    return (struct machine){.wp = true, .pks = pks_present, .pkrs = pks_present ? pks_default : 0};
}

void machine_set(struct machine m)
{
    uint64_t cr0 = with_bit(cr0_read(), X86_CR0_WP, m.wp);
    uint64_t old = cr4_read();
    uint64_t cr4 = old;

    if (pks_present)
        pkrs_write(m.pkrs);
    if (cpu.pku) {
        cr4_write(old | X86_CR4_PKE); /* WRPKRU needs it */
        pkru_write(m.pkru);
        old |= X86_CR4_PKE;
    }
    cr4 = with_bit(cr4, X86_CR4_PKS, m.pks);
    cr4 = with_bit(cr4, X86_CR4_PKE, m.pke);
    cr4 = with_bit(cr4, X86_CR4_SMEP, m.smep);
    cr4 = with_bit(cr4, X86_CR4_SMAP, m.smap);
    if (cr4 != old)
        cr4_write(cr4);
    if (cr0 != cr0_read())
        cr0_write(cr0);
}

static uint16_t ldtr_read(void)
{
    uint16_t selector;

    __asm__ volatile("sldt %0" : "=m"(selector));
    return selector;
}

static uint16_t tr_read(void)
{
    uint16_t selector;

    __asm__ volatile("str %0" : "=m"(selector));
    return selector;
}

static uint32_t pkru_read_always(uint64_t cr4)
{
    uint32_t value;

    if (!cpu.pku)
        return 0;
    cr4_write(cr4 | X86_CR4_PKE);
    value = pkru_read();
    cr4_write(cr4);
    return value;
}

#define WATCHED_FLAGS (X86_EFLAGS_AC | X86_EFLAGS_DF | X86_EFLAGS_IF)

static uint64_t rflags_read(void)
{
    uint64_t flags;

    __asm__ volatile("pushfq; pop %0" : "=r"(flags));
    return flags;
}

struct machine_state machine_read(void)
{
    struct machine_state s = {
        .cr0 = cr0_read(), .cr3 = cr3_read(), .cr4 = cr4_read(), .efer = msr_read(X86_MSR_EFER)};

    s.pkrs = pks_present ? (uint32_t)msr_read(X86_MSR_IA32_PKRS) : 0;
    s.pkru = pkru_read_always(s.cr4);
    s.gdtr = gdtr_read();
    s.idtr = idtr_read();
    s.ldtr = ldtr_read();
    s.tr = tr_read();
    s.rflags = rflags_read() & WATCHED_FLAGS;
    return s;
}

const char *machine_difference(const struct machine_state *a, const struct machine_state *b)
{
    if (a->cr0 != b->cr0)
        return "cr0";
    if (a->cr3 != b->cr3)
        return "cr3";
    if (a->cr4 != b->cr4)
        return "cr4";
    if (a->efer != b->efer)
        return "efer";
    if (a->pkrs != b->pkrs)
        return "pkrs";
    if (a->pkru != b->pkru)
        return "pkru";
    if (a->gdtr.base != b->gdtr.base || a->gdtr.limit != b->gdtr.limit)
        return "gdtr";
    if (a->idtr.base != b->idtr.base || a->idtr.limit != b->idtr.limit)
        return "idtr";
    if (a->ldtr != b->ldtr)
        return "ldtr";
    if (a->rflags != b->rflags)
        return "rflags";
    return a->tr != b->tr ? "tr" : NULL;
}

void machine_restore(const struct machine_state *s)
{
    idtr_write(s->idtr);
    gdtr_write(s->gdtr);
    ldtr_write(s->ldtr);
    if (tr_read() != s->tr)
        tss_restore(); /* the only one that a test may have found */
    if (pks_present)
        pkrs_write(s->pkrs);
    cr3_write(s->cr3); /* before CR4.PCIDE may go: its low bits mean something else then */
    if (cpu.pku) {
        cr4_write(s->cr4 | X86_CR4_PKE);
        pkru_write(s->pkru);
    }
    cr4_write(s->cr4);
    cr0_write(s->cr0);
    if (msr_read(X86_MSR_EFER) != s->efer)
        msr_write(X86_MSR_EFER, s->efer);
    __asm__ volatile("push %0; popfq" : : "r"((rflags_read() & ~(uint64_t)WATCHED_FLAGS) | s->rflags) : "cc");
}
