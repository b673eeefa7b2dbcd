#include "event_sweep_inner.h"
#include "format.h"

const struct sweep_way *sweep_now;

static struct {
    const char *what; /* NULL: nothing */
    uint64_t rip, got, want;
} finding;

void sweep_found(const struct trap_frame *frame, const char *what, uint64_t got, uint64_t want)
{
    if (finding.what)
        return;
    finding.what = what;
    finding.rip = frame->rip;
    finding.got = got;
    finding.want = want;
}

bool sweep_found_any(void)
{
    return finding.what;
}

void sweep_forget(void)
{
    finding.what = NULL;
}

void sweep_check_inside(const struct trap_frame *frame)
{
    uint32_t pkrs = (uint32_t)msr_read(X86_MSR_IA32_PKRS);

    if (pks_default != PKRS_DEFAULT && pks_default != sweep_now->other_default)
        sweep_found(frame, "the default rights", pks_default, PKRS_DEFAULT);
    if (pkrs != pks_default)
        sweep_found(frame, "rights inside of the handler", pkrs, pks_default);
    if (pks_copy != pkrs)
        sweep_found(frame, "copy inside of the handler", pks_copy, pkrs);
}

bool sweep_fits(const struct trap_frame *frame, const struct sweep_value *value)
{
    return frame->pkrs == value->pkrs && (!value->thread || value->thread == thread_of(frame));
}

void sweep_meet(const struct trap_frame *frame)
{
    if (sweep_now->met && frame->rip == (uintptr_t)sweep_now->meet)
        sweep_now->met();
}

void sweep_finish(const char *pass)
{
    char about[64];
    const char *place;
    uint64_t offset = 0;

    format(about, sizeof(about), "%s, %s", sweep_now->name, pass);
    sweep_now->check(about);
    pkrs_read_checked(about);
    place = sweep_place(finding.rip, &offset);
    if (finding.what)
        test_fail("%s, at %s+0x%lx: %s: want 0x%lx got 0x%lx", about, place, offset, finding.what,
                  finding.want, finding.got);
    sweep_forget();
}
