/*
 * The I/O permission bitmap: IN and OUT at CPL 3 with IOPL 0 make the processor read it, behind the TSS, as
 * an implicit supervisor-mode access, which PKRS can deny although a program at CPL 3 has caused it: the
 * error code says supervisor (SDM volume 3, "Access Rights"; volume 1, "I/O Permission Bit Map": the
 * processor reads two bytes, and a set bit is a #GP(0)). The TSS itself stands on key 0, because without RSP0
 * no fault could be delivered; its bitmap begins with the next page. Nothing answers at port 0x80 but POST
 * cards.
 */
#include "desc.h"
#include "sweep.h"
#include "user_code.h"

#define KEY   10
#define PORT  0x80u
#define BYTES 2u /* that are read: the one with the port's bit, and the next */

/* Rights of the bitmap's page, and what its reading comes to: only a read, so WD does not matter. */
static const struct bitmap_row {
    const char *about;
    uint32_t rights;
    bool wp;
    fault_t denied;
} rows[] = {
    {"open", 0, true, FAULT_NONE},
    {"AD", X86_PKR_AD, true, PF_KEY_READ},
    {"AD, WP=0", X86_PKR_AD, false, PF_KEY_READ},
    {"WD", X86_PKR_WD, true, FAULT_NONE},
    {"WD, WP=0", X86_PKR_WD, false, FAULT_NONE},
    {"AD+WD", X86_PKR_AD | X86_PKR_WD, true, PF_KEY_READ},
};

struct bitmap {
    struct areas areas;
    uint64_t code; /* of the programs at CPL 3 */
    uint64_t va;   /* of the two bytes */
};

static void check_port(const struct bitmap *b, const struct bitmap_row *row, enum user_kind kind, bool set,
                       enum warmth warmth)
{
    struct machine m = machine_normal();
    fault_t want = row->denied != FAULT_NONE ? row->denied : set ? FAULT_GP(0) : FAULT_NONE;
    struct machine open = m;
    struct outcome o;

    m.wp = open.wp = row->wp;
    m.pkrs = pkr_set(PKRS_DEFAULT, KEY, row->rights);
    open.pkrs = 0;
    machine_set(open);
    areas_prepare(&b->areas, warmth);
    tss_load(b->areas.area[0].alias + AREA_SIZE - TSS_SIZE, b->areas.area[1].va - TSS_SIZE,
             TSS_SIZE + PORT / 8 + BYTES - 1);
    machine_set(m);
    o = user_code_probe(kind, b->code, PORT, 0);
    machine_set(machine_normal());
    tss_restore();

    if (o.fault != want)
        test_fail("want %s got %s: %s at cpl 3, bit %s, %s, %s", fault_text(want).s, fault_text(o.fault).s,
                  kind == USER_in1 ? "in" : "out", set ? "set" : "clear", row->about, warmth_name(warmth));
    expect_equal(o.faults, want != FAULT_NONE, "number of faults, %s", row->about);
    if (o.faults) {
        expect_equal(o.rip, user_probe_address(kind, b->code), "rip, %s", row->about);
        expect_equal(o.pkrs, m.pkrs, "pkrs in the frame, %s", row->about);
    }
    if (fault_vector(o.fault) == X86_VEC_PF && o.cr2 - b->va >= BYTES)
        test_fail("cr2: want 0x%lx or the next byte got 0x%lx, %s", b->va, o.cr2, row->about);
    areas_check(&b->areas, warmth, row->about);
}

static void check_row(struct bitmap *b, const struct bitmap_row *row, enum user_kind kind)
{
    for (unsigned set = 0; set < 2; set++) {
        /* the other ports of both bytes have the other bit */
        const uint8_t bytes[BYTES] = {set ? 1u << PORT % 8 : (uint8_t) ~(1u << PORT % 8), set ? 0 : 0xff};

        areas_fill(&b->areas);
        areas_set(&b->areas, b->va, bytes, sizeof(bytes));
        b->areas.area[0].contents_open = true; /* the TSS */
        for (enum warmth warmth = COLD; warmth < WARMTHS; warmth++)
            check_port(b, row, kind, set, warmth);
    }
}

static void sweep(enum user_kind kind)
{
    const struct entry leaf[2] = {target_page(0), target_page(KEY)};
    struct bitmap b = {.code = user_code_map()};

    for (unsigned level = LEVEL_4K; b.code && level <= LEVEL_2M; level++) {
        for (enum window_half half = WINDOW_LOW; half < WINDOW_HALVES; half++) {
            if (!areas_map_pair(&b.areas, (const unsigned[]){LEVEL_4K, level}, half, leaf))
                return;
            b.va = b.areas.area[1].va + PORT / 8;
            for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                check_row(&b, &rows[i], kind);
            areas_unmap(&b.areas);
        }
    }
}

TEST(rights_io_bitmap_in,
     "IN at CPL 3 reads the I/O bitmap under PKRS; what the bitmap says counts behind it")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    sweep(USER_in1);
}

TEST(rights_io_bitmap_out, "OUT at CPL 3 likewise")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    sweep(USER_out1);
}
