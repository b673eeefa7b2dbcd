/*
 * The machine of a matrix: in each half a strip of pages, one for each kind of access, so that a fault which
 * drops one translation leaves the other kinds' warm ones alone; all with the same entries, all leading to
 * the same memory.
 */
#include "fastprobe.h"
#include "frames.h"
#include "kmap.h"
#include "matrix.h"
#include "string.h"

#define SLOT    2      /* of the window; a strip of 1 GiB pages takes the next ones too */
#define OFFSET  0x140u /* of the first kind's eight bytes inside the page */
#define SPACING 64u
#define PATTERN 0x1122334455667788u
#define VALUE   0x0101010101010101u /* written, or added */
#define RETS    0xc3c3c3c3c3c3c3c3u
#define INTS    (0x90909090909000cdu | (uint64_t)X86_VEC_USER_RETURN << 8)

/* By kind, in the order of space.def. */
static const enum probe_kind probe_of[PKS_KINDS] = {
    PROBE_read1,  PROBE_read2,  PROBE_read4, PROBE_read8,   PROBE_write1, PROBE_write2,
    PROBE_write4, PROBE_write8, PROBE_add8,  PROBE_locked8, PROBE_fetch,
};
static const uint8_t bytes_of[PKS_KINDS] = {1, 2, 4, 8, 1, 2, 4, 8, 8, 8, 0};

struct strip {
    uint64_t va[PKS_KINDS]; /* of the eight bytes */
    uint64_t *leaf[PKS_KINDS];
    uint64_t *upper[LEVEL_MAX + 1]; /* shared by all of them */
    uint64_t table[LEVEL_MAX + 1];  /* that those lead to */
    uint64_t raw;                   /* the leaves with A and D clear */
};

static struct strip strips[MATRIX_STRIPS][WINDOW_HALVES];
static struct strip *in_use[MATRIX_STRIPS];
static bool any_global;
static uint64_t memory;  /* physical, 2 MiB */
static uint64_t program; /* address of the copy for CPL 3 */
static unsigned leaf_level;
static uint32_t pkrs_now, pkru_now;

static volatile uint64_t *bytes_at(unsigned kind)
{
    return (volatile uint64_t *)((uint8_t *)frame_pointer(memory) + OFFSET + kind * SPACING);
}

static bool map_program(void)
{
    struct entry page = {.user = true, .address = frame_alloc()};

    program = window_address_in(WINDOW_LOW, MATRIX_STRIPS, 0);
    if (!page.address || page_map(space_current(), program, LEVEL_4K, page) != MAP_OK)
        return false;
    memcpy(frame_pointer(page.address), ring_program, (size_t)(ring_program_end - ring_program));
    return true;
}

static bool map_strip(unsigned number, enum window_half half)
{
    struct strip *strip = &strips[number][half];
    uint64_t inside = memory & (level_size(leaf_level) - 1);
    struct entry leaf = {.address = memory - inside, .writable = true};

    for (unsigned kind = 0; kind < PKS_KINDS; kind++) {
        uint64_t va = window_address_in(half, number, SLOT) + kind * level_size(leaf_level);

        if (page_map(space_current(), va, leaf_level, leaf) != MAP_OK)
            return false;
        strip->va[kind] = va + inside + OFFSET + kind * SPACING;
        strip->leaf[kind] = page_walk(space_current(), va, leaf_level, false, NULL);
    }
    for (unsigned level = leaf_level + 1; level <= space_current()->levels; level++) {
        strip->upper[level] = page_walk(space_current(), strip->va[0], level, false, NULL);
        strip->table[level] = *strip->upper[level] & X86_PTE_ADDR;
    }
    return true;
}

bool matrix_open(unsigned level)
{
    bool mapped;

    leaf_level = level;
    if (!memory)
        memory = frame_run_alloc(level_size(LEVEL_2M));
    mapped = memory && map_program();
    for (unsigned i = 0; i < MATRIX_STRIPS; i++)
        mapped = mapped && map_strip(i, WINDOW_LOW) && map_strip(i, WINDOW_HIGH);
    if (!mapped) {
        test_error("matrix: no memory for the pages under test");
        return false;
    }
    for (unsigned kind = 0; kind < PKS_KINDS; kind++)
        *bytes_at(kind) = PATTERN;
    machine_set(machine_normal());
    pkrs_now = machine_normal().pkrs;
    pkru_now = 0;
    fast_begin();
    return true;
}

void matrix_close(void)
{
    uint64_t flags;

    fast_end();
    for (unsigned i = 0; i < MATRIX_STRIPS * WINDOW_HALVES; i++) { /* sound again, so that all can be freed */
        struct strip *strip = &strips[i / WINDOW_HALVES][i % WINDOW_HALVES];

        for (unsigned level = leaf_level + 1; level <= space_current()->levels; level++)
            *strip->upper[level] = strip->table[level] | X86_PTE_P;
    }
    window_clear();
    __asm__ volatile("pushfq; pop %0" : "=r"(flags));
    __asm__ volatile("push %0; popfq" : : "r"(flags & ~(uint64_t)X86_EFLAGS_AC) : "cc");
    cr4_write(cr4_read() & ~(uint64_t)X86_CR4_PGE);
    if (pks_present)
        kernel_set_key(0);
    machine_set(machine_normal());
}

/* A bit that is reserved in an entry of this level on this processor, 0 if there is none. */
static uint64_t reserved_bit(unsigned level, bool leaf)
{
    if (level >= LEVEL_1G + 1)
        return X86_PTE_PS;
    if (leaf && level > LEVEL_4K)
        return 1ull << 13; /* between PAT and the page's address */
    return cpu.physical_bits < 52 ? 1ull << 51 : 0;
}

static uint64_t raw_of(const struct pks_entry *e, unsigned level, uint64_t address, bool global)
{
    bool leaf = level == leaf_level;
    struct entry fields = {.address = address,
                           .present = e->present,
                           .writable = e->writable,
                           .user = e->user,
                           .execute_disable = e->xd,
                           .key = e->key,
                           .global = global,
                           .leaf = leaf};

    return entry_encode(fields, level) | (e->reserved ? reserved_bit(level, leaf) : 0);
}

bool matrix_has_reserved_bits(void)
{
    return reserved_bit(LEVEL_4K, true) != 0;
}

void matrix_set_walk(unsigned number, const struct pks_case *c, const struct pks_layout *l)
{
    struct strip *strip = in_use[number] = &strips[number][c->v[PKS_AXIS_half]];
    uint64_t inside = memory & (level_size(leaf_level) - 1);

    for (unsigned level = l->levels; level > leaf_level; level--)
        *strip->upper[level] = raw_of(&l->upper[level], level, strip->table[level], false);
    strip->raw = raw_of(&l->leaf, leaf_level, memory - inside, c->v[PKS_AXIS_global]);
    any_global |= c->v[PKS_AXIS_global];
}

static void set_pkrs(uint32_t value)
{
    if (value != pkrs_now)
        msr_write(X86_MSR_IA32_PKRS, pkrs_now = value);
}

static uint64_t with(uint64_t value, uint64_t bit, bool on)
{
    return on ? value | bit : value & ~bit;
}

void matrix_set_control(unsigned kernel_key, const struct pks_state *s)
{
    uint64_t old = cr4_read();
    uint64_t cr4 = old | X86_CR4_PGE;

    any_global = false;
    if (pks_present && kernel_set_key(kernel_key))
        pkrs_now = pks_default;
    if (cpu.pku && s->pkru != pkru_now) {
        if (!(old & X86_CR4_PKE))
            cr4_write(old |= X86_CR4_PKE); /* WRPKRU needs it */
        pkru_write(pkru_now = s->pkru);
    }
    cr4 = with(cr4, X86_CR4_PKS, s->pks);
    cr4 = with(cr4, X86_CR4_PKE, s->pke);
    cr4 = with(cr4, X86_CR4_SMEP, s->smep);
    cr4 = with(cr4, X86_CR4_SMAP, s->smap);
    if (cr4 != old)
        cr4_write(cr4);
    matrix_turn(s);
}

void matrix_turn(const struct pks_state *s)
{
    uint64_t cr0 = cr0_read();
    uint64_t flags;

    if (pks_present)
        set_pkrs(s->pkrs);
    if (s->pke && s->pkru != pkru_now)
        pkru_write(pkru_now = s->pkru);
    if (s->wp != !!(cr0 & X86_CR0_WP))
        cr0_write(with(cr0, X86_CR0_WP, s->wp));
    __asm__ volatile("pushfq; pop %0" : "=r"(flags));
    if (s->ac != !!(flags & X86_EFLAGS_AC))
        __asm__ volatile("push %0; popfq" : : "r"(with(flags, X86_EFLAGS_AC, s->ac)) : "cc");
}

void matrix_reset(unsigned number, unsigned kind)
{
    *in_use[number]->leaf[kind] = in_use[number]->raw;
}

void matrix_flush(void)
{
    if (any_global) {
        cr4_write(cr4_read() & ~(uint64_t)X86_CR4_PGE);
        cr4_write(cr4_read() | X86_CR4_PGE);
    } else {
        cr3_write(cr3_read());
    }
}

static uint64_t access(unsigned number, unsigned cpl, unsigned kind)
{
    uint64_t va = in_use[number]->va[kind];

    if (kind == PKS_KIND_FETCH)
        *bytes_at(kind) = cpl ? INTS : RETS;
    if (cpl)
        return fast_probe_ring(cpl, probe_of[kind], va, VALUE, program);
    return fast_probe(probe_of[kind], va, VALUE);
}

void matrix_fill(unsigned number, unsigned cpl, unsigned kind)
{
    access(number, cpl, kind);
    if (kind >= PKS_KIND_WRITE1)
        *bytes_at(kind) = PATTERN;
}

/* What memory holds after an access that was allowed. */
static uint64_t memory_after(unsigned kind)
{
    uint64_t mask = bytes_of[kind] == 8 ? ~0ull : (1ull << 8 * bytes_of[kind]) - 1;

    if (kind < PKS_KIND_WRITE1)
        return PATTERN;
    if (kind >= PKS_KIND_RMW8)
        return PATTERN + VALUE;
    return (PATTERN & ~mask) | (VALUE & mask);
}

static const char *look_at_memory(uint64_t leaf, unsigned kind, bool denied, bool cold, uint64_t value)
{
    uint64_t mask = bytes_of[kind] == 8 ? ~0ull : (1ull << 8 * bytes_of[kind]) - 1;
    uint64_t found = *bytes_at(kind);
    bool fetch = kind == PKS_KIND_FETCH;
    bool writes = kind >= PKS_KIND_WRITE1 && !fetch;

    if (!fetch && found != (denied ? PATTERN : memory_after(kind))) {
        *bytes_at(kind) = PATTERN;
        return denied ? "memory was written" : "memory was not written";
    }
    if (writes && !denied)
        *bytes_at(kind) = PATTERN;
    if (!denied && kind < PKS_KIND_WRITE1 && (value & mask) != (PATTERN & mask))
        return "the value read";
    if ((leaf & X86_PTE_D) && (denied || !writes))
        return "D is set";
    if (cold && !denied && !(leaf & X86_PTE_A))
        return "A is clear";
    return cold && !denied && writes && !(leaf & X86_PTE_D) ? "D is clear" : NULL;
}

uint64_t matrix_address(unsigned number, unsigned kind)
{
    return in_use[number]->va[kind];
}

volatile uint64_t *matrix_memory(unsigned kind)
{
    return bytes_at(kind);
}

struct matrix_sight matrix_look(unsigned number, unsigned cpl, unsigned kind, fault_t want, bool cold)
{
    const struct strip *strip = in_use[number];
    uint64_t value = access(number, cpl, kind);
    struct matrix_sight sight = {.want = want, .got = fast_fault()};

    if (sight.got != want)
        sight.wrong = "fault";
    else if (fast_count > 1)
        sight.wrong = "faulted twice";
    else if (fast_count && fast_cr2 != strip->va[kind])
        sight.wrong = "cr2";
    else
        sight.wrong = look_at_memory(*strip->leaf[kind], kind, want != FAULT_NONE, cold, value);
    if (sight.wrong)
        *bytes_at(kind) = PATTERN;
    return sight;
}
