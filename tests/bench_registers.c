/* What the processor's own part costs: the two rights registers, invalidations, and address spaces. */
#include "bench.h"
#include "pcid.h"

#define PCID_FIRST 1u

static inline void write_pkrs(struct bench *b)
{
    (void)b;
    msr_write(X86_MSR_IA32_PKRS, PKRS_DEFAULT);
}

static inline void write_pkrs_ns(struct bench *b)
{
    (void)b;
    msr_write_ns(X86_MSR_IA32_PKRS, PKRS_DEFAULT);
}

static inline void read_pkrs(struct bench *b)
{
    (void)b;
    (void)msr_read(X86_MSR_IA32_PKRS);
}

static inline void write_pkru(struct bench *b)
{
    (void)b;
    pkru_write(0);
}

static inline void invalidate(struct bench *b)
{
    invlpg(b->page.va);
}

static inline void reload_cr3(struct bench *b)
{
    cr3_write(b->cr3[0]);
}

static inline void switch_space(struct bench *b)
{
    b->turn ^= 1;
    cr3_write(b->cr3[b->turn]);
}

static void absent(const char *name, const char *why)
{
    test_note("bench %s is not measured: %s", name, why);
}

static void measure_pkru(struct bench *b)
{
    uint64_t cr4 = cr4_read();

    if (!cpu.pku) {
        absent("wrpkru", "no pku");
        return;
    }
    cr4_write(cr4 | X86_CR4_PKE);
    bench_measure(b, "wrpkru", bench_nothing, write_pkru);
    cr4_write(cr4);
}

/* Between two spaces that differ in nothing but their top table: without PCIDs each switch drops every
 * translation that is not global, with them (and bit 63 of CR3) none; what it costs to fetch them again comes
 * afterwards. */
static void measure_spaces(struct bench *b)
{
    uint64_t cr3 = cr3_read(), cr4 = cr4_read();

    b->turn = 0;
    b->cr3[0] = cr3;
    b->cr3[1] = pcid_second_space()->root;
    bench_measure(b, "cr3_load", bench_nothing, reload_cr3);
    bench_measure(b, "cr3_switch", bench_nothing, switch_space);
    cr3_write(cr3);
    if (!cpu.pcid) {
        absent("cr3_switch_pcid", "no pcid");
        return;
    }
    cr4_write(cr4 | X86_CR4_PCIDE); /* allowed while CR3 holds PCID 0 */
    for (unsigned i = 0; i < 2; i++)
        b->cr3[i] |= (PCID_FIRST + i) | X86_CR3_NOFLUSH;
    bench_measure(b, "cr3_switch_pcid", bench_nothing, switch_space);
    cr3_write(cr3);
    cr4_write(cr4);
}

void bench_registers(struct bench *b)
{
    bench_measure(b, "rdmsr_pkrs", bench_nothing, read_pkrs);
    bench_measure(b, "wrmsr_pkrs", bench_nothing, write_pkrs);
    if (cpu.wrmsrns)
        bench_measure(b, "wrmsrns_pkrs", bench_nothing, write_pkrs_ns);
    else
        absent("wrmsrns_pkrs", "no wrmsrns");
    measure_pkru(b);
    pks_mk_readwrite(b->keys[0]);
    bench_measure(b, "invlpg", bench_touch, invalidate);
    pks_mk_noaccess(b->keys[0]);
    measure_spaces(b);
}
