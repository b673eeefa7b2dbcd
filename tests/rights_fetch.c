/*
 * Instruction fetches are not data accesses: neither bit of a key concerns them (SDM volume 3, "Protection
 * Keys"), not for an instruction that stands on two pages with different keys either, and not for a page
 * whose data accesses the same key denies. XD still does, on its own and without the PK bit ("Page-Fault
 * Exceptions": PK is for data accesses).
 */
#include "sweep.h"

static const uint8_t code[] = {0xb8, 0x78, 0x56, 0x34, 0x12, 0xc3}; /* MOV EAX, 0x12345678; RET */
static const uint8_t load[] = {0x48, 0x8b, 0x05, 0xf1,
                               0x01, 0x00, 0x00, 0xc3}; /* MOV RAX, [RIP + 0x1f1]; RET */

#define VALUE     0x12345678u
#define MOV_BYTES 5u
#define OFFSET    0x300u
#define DATA      0x1f8u /* from the load to what it reads */

/* Calls the code at va under the place's rights, with translations cold and warm. */
static void call(struct areas *areas, struct machine machine, uint64_t va, fault_t want, uint64_t cr2,
                 uint64_t value, const char *about)
{
    for (enum warmth warmth = COLD; warmth < WARMTHS; warmth++) {
        struct machine open = machine;
        struct outcome o;

        open.pkrs = 0;
        machine_set(open);
        areas_prepare(areas, warmth);
        machine_set(machine);
        o = probe(PROBE_fetch, va, 0);
        machine_set(machine_normal());
        expect_equal(o.fault, want, "fault of code at 0x%lx (%s), %s, %s", va, fault_text(o.fault).s, about,
                     warmth_name(warmth));
        expect_equal(o.faults, want != FAULT_NONE, "number of faults, %s", about);
        if (o.faults) {
            expect_equal(o.rip, va, "rip of code, %s", about);
            expect_equal(o.cr2, cr2, "cr2 of code at 0x%lx, %s", va, about);
            expect_equal(o.pkrs, machine.pkrs, "pkrs in the frame, %s", about);
        } else {
            expect_equal(o.value, value, "what code at 0x%lx returns, %s", va, about);
        }
        areas_check(areas, warmth, about);
    }
}

static void check_fetch(const struct pair_place *place, const void *what)
{
    (void)what;
    for (unsigned below = 1; below <= MOV_BYTES; below++) {
        uint64_t va = place->areas->area[1].va - below;

        areas_fill(place->areas);
        areas_set(place->areas, va, code, sizeof(code));
        call(place->areas, place->machine, va, FAULT_NONE, 0, VALUE, place->row->about);
    }
}

TEST(rights_fetch_edge, "An instruction on two pages runs whatever their keys deny")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    sweep_pairs(check_fetch, NULL);
}

/* XD on one of the two pages. The instruction's first byte decides RIP, the byte that is not there CR2. */
static void check_xd(const struct pair_place *place, const void *what)
{
    const unsigned *page = what;
    uint64_t *leaf = place->areas->area[*page].leaf;

    for (unsigned below = 1; below < MOV_BYTES; below++) {
        uint64_t edge = place->areas->area[1].va;
        uint64_t va = edge - below;

        areas_fill(place->areas);
        areas_set(place->areas, va, code, sizeof(code));
        *leaf |= X86_PTE_XD;
        call(place->areas, place->machine, va, FAULT_PF(X86_PF_I | X86_PF_P), *page ? edge : va, 0,
             place->row->about);
        *leaf &= ~(uint64_t)X86_PTE_XD;
    }
}

TEST(rights_fetch_edge_xd, "XD on one of them denies the fetch without the PK bit")
{
    static const unsigned page[] = {0, 1};

    SKIP_UNLESS(cpu.pks, "no pks");
    sweep_pairs(check_xd, &page[0]);
    sweep_pairs(check_xd, &page[1]);
}

/* The instruction is fetched from the page that denies it its operand. */
static void check_load(const struct page_place *place, const void *what)
{
    uint64_t va = place->areas->area[0].va + OFFSET;
    uint64_t data = va + DATA;

    (void)what;
    areas_set(place->areas, va, load, sizeof(load));
    call(place->areas, place->machine, va, place->row->read, data, areas_value(place->areas, data, 8),
         place->row->about);
}

TEST(rights_fetch_operand,
     "An instruction runs from a page with AD and is denied its operand on the same page")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    sweep_pages(check_load, NULL);
}

/* The translation that the fetch has cached is used for data, and the other way round. */
static void check_fetched(const struct page_place *place, const void *what)
{
    static const uint8_t ret = 0xc3;
    uint64_t va = place->areas->area[0].va + OFFSET;
    struct outcome first, data, again;

    (void)what;
    areas_set(place->areas, va, &ret, 1);
    areas_prepare(place->areas, COLD);
    machine_set(place->machine);
    first = probe(PROBE_fetch, va, 0);
    data = probe(PROBE_read1, va, 0);
    again = probe(PROBE_fetch, va, 0);
    machine_set(machine_normal());
    expect_equal(first.faults + again.faults, 0, "faults of fetches, %s", place->row->about);
    expect_outcome(&data, PROBE_read1, place->row->read, va, "of what was just fetched, %s",
                   place->row->about);
    if (!data.faults)
        expect_equal(data.value, ret, "byte read, %s", place->row->about);
}

TEST(rights_fetch_then_read, "A page that was just fetched from is denied to data, and fetched from again")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    sweep_pages(check_fetched, NULL);
}
