/* One access of a matrix, and the comparison of everything that can be seen of it. */
#include "fastprobe.h"
#include "matrix_worker.h"

#define VALUE 0x0101010101010101u /* written, or added */
#define RETS  0xc3c3c3c3c3c3c3c3u
#define INTS  (0x90909090909000cdu | (uint64_t)X86_VEC_USER_RETURN << 8)

/* By kind, in the order of space.def. */
static const enum probe_kind probe_of[PKS_KINDS] = {
    PROBE_read1,  PROBE_read2,  PROBE_read4, PROBE_read8,   PROBE_write1, PROBE_write2,
    PROBE_write4, PROBE_write8, PROBE_add8,  PROBE_locked8, PROBE_fetch,
};
static const uint8_t bytes_of[PKS_KINDS] = {1, 2, 4, 8, 1, 2, 4, 8, 8, 8, 0};

static uint64_t make_access(const struct matrix_worker *w, unsigned lane, unsigned cpl, unsigned kind)
{
    uint64_t va = matrix_address(w, lane, kind);

    if (kind == PKS_KIND_FETCH && *matrix_memory(w, kind) != (cpl ? INTS : RETS)) {
        *matrix_memory(w, kind) = cpl ? INTS : RETS;
        cpuid(0,
              0); /* serializes: written at another address than it is fetched from ("Self-Modifying Code") */
    }
    if (cpl)
        return fast_probe_ring(cpl, probe_of[kind], va, VALUE, w->program);
    return fast_probe(probe_of[kind], va, VALUE);
}

void matrix_fill(struct matrix_worker *w, unsigned lane, unsigned cpl, unsigned kind)
{
    make_access(w, lane, cpl, kind);
    if (kind >= PKS_KIND_WRITE1)
        *matrix_memory(w, kind) = MATRIX_PATTERN;
}

/* What memory holds after an access that was allowed. */
static uint64_t memory_after(unsigned kind)
{
    uint64_t mask = bytes_of[kind] == 8 ? ~0ull : (1ull << 8 * bytes_of[kind]) - 1;

    if (kind < PKS_KIND_WRITE1)
        return MATRIX_PATTERN;
    if (kind >= PKS_KIND_RMW8)
        return MATRIX_PATTERN + VALUE;
    return (MATRIX_PATTERN & ~mask) | (VALUE & mask);
}

static const char *look_at_memory(const struct matrix_worker *w, uint64_t leaf, unsigned kind, bool denied,
                                  bool cold, uint64_t value)
{
    uint64_t mask = bytes_of[kind] == 8 ? ~0ull : (1ull << 8 * bytes_of[kind]) - 1;
    uint64_t found = *matrix_memory(w, kind);
    bool fetch = kind == PKS_KIND_FETCH;
    bool writes = kind >= PKS_KIND_WRITE1 && !fetch;

    if (!fetch && found != (denied ? MATRIX_PATTERN : memory_after(kind))) {
        *matrix_memory(w, kind) = MATRIX_PATTERN;
        return denied ? "memory was written" : "memory was not written";
    }
    if (writes && !denied)
        *matrix_memory(w, kind) = MATRIX_PATTERN;
    if (!denied && kind < PKS_KIND_WRITE1 && (value & mask) != (MATRIX_PATTERN & mask))
        return "the value read";
    if ((leaf & X86_PTE_D) && (denied || !writes))
        return "D is set";
    if (cold && !denied && !(leaf & X86_PTE_A))
        return "A is clear";
    return cold && !denied && writes && !(leaf & X86_PTE_D) ? "D is clear" : NULL;
}

struct matrix_sight matrix_look(struct matrix_worker *w, unsigned lane, unsigned cpl, unsigned kind,
                                fault_t want, bool cold)
{
    uint64_t value = make_access(w, lane, cpl, kind);
    struct matrix_sight sight = {.want = want, .got = fast_fault(), .va = matrix_address(w, lane, kind)};

    if (sight.got != want)
        sight.wrong = "fault";
    else if (sight.got != FAULT_NONE && fast_cr2() != matrix_address(w, lane, kind))
        sight.wrong = "cr2";
    else
        sight.wrong = look_at_memory(w, matrix_leaf(w, lane, kind), kind, want != FAULT_NONE, cold, value);
    if (sight.wrong)
        *matrix_memory(w, kind) = MATRIX_PATTERN;
    return sight;
}
