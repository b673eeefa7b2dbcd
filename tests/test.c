#include "test.h"

#include "format.h"

void expect_equal(uint64_t got, uint64_t want, const char *fmt, ...)
{
    char about[384];
    va_list list;

    if (got == want)
        return;
    va_start(list, fmt);
    vformat(about, sizeof(about), fmt, list);
    va_end(list);
    test_fail("%s: want 0x%lx got 0x%lx", about, want, got);
}

void expect_outcome(const struct outcome *got, enum probe_kind kind, fault_t want, uint64_t cr2,
                    const char *fmt, ...)
{
    char about[384];
    va_list list;

    va_start(list, fmt);
    vformat(about, sizeof(about), fmt, list);
    va_end(list);
    if (got->fault != want)
        test_fail("%s %s: want %s got %s", probe_name(kind), about, fault_text(want).s,
                  fault_text(got->fault).s);
    if (got->faults > 1)
        test_fail("%s %s: %u faults", probe_name(kind), about, got->faults);
    if (got->faults && got->rip != probe_address(kind))
        test_fail("%s %s: rip want 0x%lx got 0x%lx", probe_name(kind), about, probe_address(kind), got->rip);
    if (fault_vector(got->fault) == X86_VEC_PF && got->cr2 != cr2)
        test_fail("%s %s: cr2 want 0x%lx got 0x%lx", probe_name(kind), about, cr2, got->cr2);
}
