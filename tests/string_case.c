#include "string_case.h"

#define FIRST_PART 10     /* elements before the edge */
#define OTHER      0x800u /* offset, in the open area, of the operand that does not cross */

const struct string_kind string_movsb = {PROBE_rep_movsb, 1, false, true};
const struct string_kind string_movsq = {PROBE_rep_movsq, 8, false, true};
const struct string_kind string_stosb = {PROBE_rep_stosb, 1, false, false};
const struct string_kind string_stosq = {PROBE_rep_stosq, 8, false, false};
const struct string_kind string_movsb_source = {PROBE_rep_movsb, 1, true, true};
const struct string_kind string_movsq_source = {PROBE_rep_movsq, 8, true, true};

/* The address of an operand after a number of elements. */
static uint64_t advanced(const struct string_case *c, const struct string_kind *kind, uint64_t address,
                         unsigned elements)
{
    uint64_t distance = (uint64_t)elements * kind->bytes;

    return c->trial.before.rflags & X86_EFLAGS_DF ? address - distance : address + distance;
}

static struct registers after(const struct string_case *c, const struct string_kind *kind, unsigned elements)
{
    struct registers r = c->trial.before;

    r.rcx -= elements;
    r.rdi = advanced(c, kind, r.rdi, elements);
    if (kind->has_source)
        r.rsi = advanced(c, kind, r.rsi, elements);
    return r;
}

void string_expect(const struct string_case *c, const struct string_kind *kind, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++) {
        uint64_t source = advanced(c, kind, c->trial.before.rsi, i);
        uint64_t value =
            kind->has_source ? areas_value(c->trial.areas, source, kind->bytes) : c->trial.before.rax;

        areas_expect(c->trial.areas, advanced(c, kind, c->trial.before.rdi, i), &value, kind->bytes);
    }
}

struct string_case string_case(const struct pair_place *place, const struct string_kind *kind, bool down,
                               unsigned shift)
{
    struct string_case c = {
        .trial = trial_make(place->row->about, kind->kind, place->areas, place->machine, FAULT_NONE)};
    uint64_t edge = place->areas->area[1].va;
    uint64_t crossing =
        down ? edge + (FIRST_PART - 1) * kind->bytes - shift : edge - FIRST_PART * kind->bytes - shift;
    uint64_t other = areas_open(place->areas) + OTHER;

    areas_fill(place->areas);
    c.trial.before.rflags |= down ? X86_EFLAGS_DF : 0;
    c.trial.before.rcx = STRING_ELEMENTS;
    c.trial.before.rdi = kind->from_pair ? other : crossing;
    if (kind->has_source)
        c.trial.before.rsi = kind->from_pair ? crossing : other;
    for (; c.done < STRING_ELEMENTS; c.done++) {
        c.denied = advanced(&c, kind, crossing, c.done);
        trial_want_pair(&c.trial, place, c.denied, kind->bytes, !kind->from_pair);
        if (c.trial.want != FAULT_NONE)
            break;
    }
    c.all = after(&c, kind, STRING_ELEMENTS);
    c.trial.after = after(&c, kind, c.done);
    string_expect(&c, kind, 0, c.done);
    /* of an element on both pages, the page that allows it may have been announced as written to */
    if (c.trial.want != FAULT_NONE && c.denied < edge && c.denied + kind->bytes > edge && !kind->from_pair)
        pair_dirty_open(place);
    return c;
}
