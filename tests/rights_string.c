/*
 * REP MOVS and REP STOS that run into a page whose key denies them. A string instruction faults between two
 * elements: RCX, RSI and RDI say how many are done, all of those are in memory and none behind them, and CR2
 * is the address of the one that was denied (SDM volume 2, "REP": "the source and destination registers
 * point to the next string elements to be operated on, the EIP register points to the string instruction, and
 * the ECX register has the value it held following the last successful iteration"). With EFLAGS.DF set the
 * same goes downwards, from the second page into the first. An element may stand on both pages.
 */
#include "string_case.h"

static void check_string(const struct pair_place *place, const void *what)
{
    const struct string_kind *kind = what;

    for (unsigned down = 0; down < 2; down++) {
        for (unsigned shift = 0; shift < kind->bytes; shift += 3) {
            struct string_case c = string_case(place, kind, down, shift);

            trial_run(&c.trial);
        }
    }
}

static void sweep_string(const struct string_kind *kind)
{
    SKIP_UNLESS(cpu.pks, "no pks");
    sweep_pairs(check_string, kind);
}

TEST(rights_string_movsb, "REP MOVSB that runs into a denied page stops between two bytes")
{
    sweep_string(&string_movsb);
}

TEST(rights_string_movsq, "REP MOVSQ that runs into a denied page stops between two elements")
{
    sweep_string(&string_movsq);
}

TEST(rights_string_movsb_source, "REP MOVSB that reads from a page denied by AD likewise")
{
    sweep_string(&string_movsb_source);
}

TEST(rights_string_movsq_source, "REP MOVSQ that reads from a page denied by AD likewise")
{
    sweep_string(&string_movsq_source);
}

TEST(rights_string_stosb, "REP STOSB that runs into a denied page stops between two bytes")
{
    sweep_string(&string_stosb);
}

TEST(rights_string_stosq, "REP STOSQ that runs into a denied page stops between two elements")
{
    sweep_string(&string_stosq);
}

static void check_nothing(const struct pair_place *place, const void *what)
{
    const struct string_kind *kind = what;
    struct string_case c = string_case(place, kind, false, 0);

    areas_fill(place->areas);
    c.trial.after = c.trial.before;
    c.trial.before.rcx = c.trial.after.rcx = 0;
    c.trial.want = FAULT_NONE;
    trial_run(&c.trial);
}

TEST(rights_string_none, "With RCX = 0 there is no access, so nothing is denied")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    sweep_pairs(check_nothing, &string_movsb);
    sweep_pairs(check_nothing, &string_stosq);
}
