/*
 * A program at CPL 3 that accesses a supervisor-mode address is denied by U/S alone, and the error code has U
 * and P (SDM volume 3, "Access Rights"). Whether PK is set as well where PKRS denies that address is open
 * point A1: the text of "Page-Fault Exceptions" sets it, "Protection Keys" speaks of supervisor-mode
 * addresses and not of who accesses them; implementations differ. So it is printed, once for each situation,
 * and everything else is compared. Where the key permits the access, PK must be clear.
 */
#include "sweep.h"
#include "user_code.h"

#define OFFSET 0x6a8u
#define VALUE  0x0fedcba987654321u

struct tally {
    const struct page_row *row;
    unsigned write, seen, with_pk;
};

enum { ROWS_MAX = 8 };

/* One line for each situation, whatever the page's size, half and owner. */
static struct tally tallies[2 * ROWS_MAX];
static unsigned tally_count;

static void count(const struct page_row *row, bool write, bool pk)
{
    unsigned i = 0;

    while (i < tally_count && (tallies[i].row != row || tallies[i].write != write))
        i++;
    if (i == sizeof(tallies) / sizeof(tallies[0])) {
        test_error("more than %u situations", i);
        return;
    }
    if (i == tally_count)
        tallies[tally_count++] = (struct tally){.row = row, .write = write};
    tallies[i].seen++;
    tallies[i].with_pk += pk;
}

static void check(const struct page_place *place, uint64_t code, bool write, enum warmth warmth)
{
    uint64_t va = place->areas->area[0].va + OFFSET;
    enum user_kind kind = write ? USER_write8 : USER_read8;
    fault_t want = FAULT_PF(X86_PF_P | X86_PF_U | (write ? X86_PF_W : 0));
    bool open = place->row->rights & X86_PKR_AD || (write && place->row->rights & X86_PKR_WD);
    struct machine permissive = place->machine;
    struct outcome o;

    permissive.pkrs = 0;
    machine_set(permissive);
    areas_prepare(place->areas, warmth);
    machine_set(place->machine);
    o = user_code_probe(kind, code, va, VALUE);
    machine_set(machine_normal());

    if ((open ? o.fault & ~(fault_t)X86_PF_PK : o.fault) != want)
        test_fail("want %s%s got %s: %s at cpl 3 of a supervisor page, %s, %s", fault_text(want).s,
                  open ? " with or without PK" : "", fault_text(o.fault).s, write ? "write" : "read",
                  place->row->about, warmth_name(warmth));
    expect_equal(o.faults, 1, "number of faults, %s", place->row->about);
    expect_equal(o.rip, user_probe_address(kind, code), "rip, %s", place->row->about);
    expect_equal(o.cr2, va, "cr2, %s", place->row->about);
    expect_equal(o.pkrs, place->machine.pkrs, "pkrs in the frame, %s", place->row->about);
    areas_check(place->areas, warmth, place->row->about);
    if (open)
        count(place->row, write, fault_code(o.fault) & X86_PF_PK);
}

/* Supervisor by the leaf, then by the entry above it alone, unless the programs need that one. */
static void check_owners(const struct page_place *place, const void *what)
{
    const uint64_t *code = what;
    const struct area *area = &place->areas->area[0];
    uint64_t *upper = page_walk(space_current(), area->va, area->level + 1, false, NULL);

    bool shared = upper == page_walk(space_current(), *code, area->level + 1, false, NULL);

    for (unsigned by_upper = 0; by_upper < 2u - shared; by_upper++) {
        if (by_upper) {
            *area->leaf |= X86_PTE_US;
            *upper &= ~(uint64_t)X86_PTE_US;
        }
        for (unsigned write = 0; write < 2; write++)
            for (enum warmth warmth = COLD; warmth < WARMTHS; warmth++)
                check(place, *code, write, warmth);
    }
    *area->leaf &= ~(uint64_t)X86_PTE_US;
    *upper |= X86_PTE_US;
    invlpg(area->va);
}

TEST(rights_user_mode,
     "CPL 3 is denied a supervisor page with U and P set; PK, where the key denies, is observed")
{
    uint64_t code;

    SKIP_UNLESS(cpu.pks, "no pks");
    code = user_code_map();
    tally_count = 0;
    if (code)
        sweep_pages(check_owners, &code);
    for (unsigned i = 0; i < tally_count; i++)
        test_note("observe id=A1 access=%s ad=%u wd=%u wp=%u pk_set=%u of=%u",
                  tallies[i].write ? "write" : "read", tallies[i].row->rights & X86_PKR_AD,
                  tallies[i].row->rights >> 1, tallies[i].row->wp, tallies[i].with_pk, tallies[i].seen);
}

/* The same programs on a user page: they can read and write, so what is denied above is denied by the page.
 */
TEST(rights_user_mode_allowed, "CPL 3 reads and writes a user page, whatever PKRS says of its key")
{
    struct entry page = target_page(7);
    uint64_t code = user_code_map();
    struct machine m = machine_normal();
    struct areas areas;

    SKIP_UNLESS(cpu.pks, "no pks");
    page.user = true;
    m.pkrs = pkr_set(PKRS_DEFAULT, 7, X86_PKR_AD | X86_PKR_WD);
    for (unsigned level = LEVEL_4K; code && level <= LEVEL_1G && target_level_exists(level); level++) {
        uint64_t va, value = VALUE;
        struct outcome o;

        if (!areas_map_page(&areas, level, WINDOW_HIGH, page))
            return;
        areas_fill(&areas);
        va = areas.area[0].va + OFFSET;
        areas_prepare(&areas, COLD);
        machine_set(m);
        o = user_code_probe(USER_read8, code, va, 0);
        expect_equal(o.faults, 0, "faults of a read, %s", level_name(level));
        expect_equal(o.value, areas_value(&areas, va, 8), "value read, %s", level_name(level));
        o = user_code_probe(USER_write8, code, va, VALUE);
        machine_set(machine_normal());
        expect_equal(o.faults, 0, "faults of a write, %s", level_name(level));
        areas_expect(&areas, va, &value, sizeof(value));
        areas_check(&areas, COLD, level_name(level));
        areas_unmap(&areas);
    }
}
