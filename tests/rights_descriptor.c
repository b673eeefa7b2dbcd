/*
 * A segment descriptor on two pages with different keys. Reading it is an implicit supervisor-mode access at
 * any CPL and needs both keys; setting its accessed flag, bit 0 of byte 5, is a write to the page on which
 * that byte stands (SDM volume 3, "Access Rights", and "Segment Descriptors" on the flag, which a load of the
 * selector sets). Which byte is accessed first is not said, so CR2 may be any of the descriptor's on a page
 * that denies. How wide the write is, is not said either: where WD closes only the *other* page, both
 * outcomes are right, and the one seen is printed.
 */
#include "desc.h"
#include "sweep.h"
#include "user_code.h"

#define SELECTOR        (X86_SEG_TI_LDT | X86_SEG_RPL_USER) /* the LDT's first descriptor */
#define DESCRIPTOR_SIZE 8u
#define ACCESSED_BYTE   5u
#define ACCESSED        (1ull << 40)

struct loader {
    uint64_t code;               /* of the programs at CPL 3; 0 for a load at CPL 0 */
    unsigned other_only, faults; /* WD on the other page alone: seen, and denied */
};

/* What a load of a descriptor with `below` bytes on the first page comes to. */
struct ruling {
    fault_t want;
    unsigned denied; /* pages */
    bool open;       /* or no fault at all */
};

static struct ruling judge(const struct pair_row *row, bool accessed, unsigned below)
{
    unsigned home = ACCESSED_BYTE < below ? FIRST : SECOND;

    if (row->read != NEITHER)
        return (struct ruling){PF_KEY_READ, row->read, false};
    if (accessed || row->write == NEITHER)
        return (struct ruling){FAULT_NONE, NEITHER, false};
    if (row->write & home)
        return (struct ruling){PF_KEY_WRITE, row->write, false};
    return (struct ruling){PF_KEY_WRITE, row->write, true};
}

static void check_fault(const struct outcome *o, const struct ruling *v, uint64_t va, uint64_t edge,
                        const struct loader *loader, uint32_t pkrs, const char *about)
{
    uint64_t from = v->denied & FIRST ? va : edge;
    uint64_t to = v->denied & SECOND ? va + DESCRIPTOR_SIZE : edge;

    if (o->cr2 < from || o->cr2 >= to)
        test_fail("cr2: want 0x%lx to 0x%lx got 0x%lx, descriptor at 0x%lx, %s", from, to - 1, o->cr2, va,
                  about);
    expect_equal(o->rip,
                 loader->code ? user_probe_address(USER_load_fs, loader->code) : probe_address(PROBE_load_fs),
                 "rip, %s", about);
    expect_equal(o->pkrs, pkrs, "pkrs in the frame, %s", about);
}

static struct outcome load(const struct pair_place *place, const struct loader *loader, uint64_t va,
                           enum warmth warmth)
{
    struct machine open = place->machine;
    struct outcome o;

    open.pkrs = 0;
    machine_set(open);
    areas_prepare(place->areas, warmth);
    ldt_load(va, DESCRIPTOR_SIZE - 1);
    machine_set(place->machine);
    if (loader->code)
        o = user_code_probe(USER_load_fs, loader->code, SELECTOR, 0);
    else
        o = probe(PROBE_load_fs, SELECTOR, 0);
    machine_set(machine_normal());
    ldt_load(0, 0);
    return o;
}

static void check_load(const struct pair_place *place, struct loader *loader, bool accessed, unsigned below)
{
    uint64_t edge = place->areas->area[1].va;
    uint64_t va = edge - below;
    uint64_t descriptor = SEGMENT_DATA_USER | (accessed ? ACCESSED : 0);
    uint64_t written = descriptor | ACCESSED;
    struct ruling v = judge(place->row, accessed, below);

    for (enum warmth warmth = COLD; warmth < WARMTHS; warmth++) {
        struct outcome o;

        areas_fill(place->areas);
        areas_set(place->areas, va, &descriptor, sizeof(descriptor));
        o = load(place, loader, va, warmth);
        loader->other_only += v.open;
        loader->faults += v.open && o.faults;
        if (o.fault != v.want && !(v.open && o.fault == FAULT_NONE))
            test_fail(
                "want %s got %s: load of fs at cpl %u, %u bytes below the edge at 0x%lx, accessed=%u, %s, %s",
                fault_text(v.want).s, fault_text(o.fault).s, loader->code ? 3 : 0, below, edge, accessed,
                place->row->about, warmth_name(warmth));
        expect_equal(o.faults, o.fault != FAULT_NONE, "number of faults, %s", place->row->about);
        if (o.faults)
            check_fault(&o, &v, va, edge, loader, place->machine.pkrs, place->row->about);
        else
            areas_expect(place->areas, va, &written, sizeof(written));
        /* the two pages have one descriptor: D is the business of the one with the accessed byte alone, and
         * of neither where the write was announced to the page that allows it before the other one denied */
        place->areas->area[0].dirty_open = v.want == PF_KEY_WRITE && !(v.denied & FIRST);
        place->areas->area[1].dirty_open = v.want == PF_KEY_WRITE && !(v.denied & SECOND);
        if (o.fault == FAULT_NONE && !accessed)
            place->areas->area[ACCESSED_BYTE < below].dirty_open = true;
        areas_check(place->areas, warmth, place->row->about);
    }
}

static void check_loads(const struct pair_place *place, const void *what)
{
    struct loader *loader = (struct loader *)(uintptr_t)what; /* counts */

    for (unsigned below = 1; below < DESCRIPTOR_SIZE; below++) {
        check_load(place, loader, true, below);
        check_load(place, loader, false, below);
    }
}

static void sweep(struct loader *loader)
{
    sweep_pairs(check_loads, loader);
    __asm__ volatile("mov %0, %%fs" : : "r"(0));
    test_note("observe id=accessed_flag_width cpl=%u other_page_closed=%u faults=%u", loader->code ? 3 : 0,
              loader->other_only, loader->faults);
}

TEST(rights_descriptor_edge_cpl0, "At CPL 0 a descriptor on two pages is read and marked under both keys")
{
    struct loader loader = {0};

    SKIP_UNLESS(cpu.pks, "no pks");
    sweep(&loader);
}

TEST(rights_descriptor_edge_cpl3, "At CPL 3 likewise, and the error code says supervisor")
{
    struct loader loader = {0};

    SKIP_UNLESS(cpu.pks, "no pks");
    loader.code = user_code_map();
    if (loader.code)
        sweep(&loader);
}
