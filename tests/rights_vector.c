/*
 * Vector accesses of 16, 32 and 64 bytes: one access of the whole width, on one page and over the edge of two
 * pages with different keys. A load that is denied leaves the whole register, a store that is denied leaves
 * all of memory, the part on the page that would have allowed it included: an instruction that faults has not
 * been executed (SDM volume 3, "Program or Task Restart" and "Protection Keys"). An emulator may cut an
 * access into pieces, so the widths, and the edge, are tests of their own.
 */
#include "extended.h"
#include "string.h"
#include "sweep.h"

#define WIDEST 64
#define OFFSET 0x341u /* unaligned, and the widest access stays on the page */

struct vector {
    unsigned bytes;
    enum probe_kind load, store;
};

static const struct vector sse = {16, PROBE_movdqu_load, PROBE_movdqu_store};
static const struct vector avx = {32, PROBE_vmovdqu_load, PROBE_vmovdqu_store};
static const struct vector avx512 = {64, PROBE_vmovdqu64_load, PROBE_vmovdqu64_store};

/* The vector register around one run. */
struct contents {
    unsigned bytes;
    uint8_t before[WIDEST], want[WIDEST];
};

static void put(void *context)
{
    const struct contents *c = context;

    vector_set(c->before, c->bytes);
}

static void compare(void *context, const struct outcome *o, const struct trial_run *run)
{
    const struct contents *c = context;
    uint8_t got[WIDEST];

    vector_get(got, c->bytes);
    for (unsigned i = 0; i < c->bytes; i++) {
        if (got[i] == c->want[i])
            continue;
        test_fail("byte %u of the vector register after %s: want 0x%x got 0x%x; %s", i,
                  o->faults ? "a fault" : "the instruction", c->want[i], got[i], trial_scene(run));
        return;
    }
}

/* Completes the trial, whose `want` is known, and runs it. */
static void run(struct trial *t, uint64_t va, const struct vector *vector, bool store)
{
    struct contents c = {.bytes = vector->bytes};

    for (unsigned i = 0; i < vector->bytes; i++)
        c.before[i] = c.want[i] = (uint8_t)(0x5b + 0x1f * i);
    t->before.rdi = t->after.rdi = va;
    t->context = &c;
    t->prepare = put;
    t->check = compare;
    if (t->want == FAULT_NONE && store)
        areas_expect(t->areas, va, c.before, vector->bytes);
    for (unsigned i = 0; t->want == FAULT_NONE && !store && i < vector->bytes; i++)
        c.want[i] = (uint8_t)areas_value(t->areas, va + i, 1);
    trial_run(t);
}

static void check_page(const struct page_place *place, const struct vector *vector, bool store)
{
    struct trial t = trial_make(place->row->about, store ? vector->store : vector->load, place->areas,
                                place->machine, store ? place->row->write : place->row->read);

    t.cr2 = place->areas->area[0].va + OFFSET;
    run(&t, t.cr2, vector, store);
}

static void check_page_load(const struct page_place *place, const void *what)
{
    check_page(place, what, false);
}

static void check_page_store(const struct page_place *place, const void *what)
{
    check_page(place, what, true);
}

/* With one byte on the first page, with one on the second, and with halves. */
static void check_edge(const struct pair_place *place, const struct vector *vector, bool store)
{
    const unsigned below[] = {1, vector->bytes / 2, vector->bytes - 1};

    for (unsigned i = 0; i < sizeof(below) / sizeof(below[0]); i++) {
        uint64_t va = place->areas->area[1].va - below[i];
        struct trial t = trial_make(place->row->about, store ? vector->store : vector->load, place->areas,
                                    place->machine, FAULT_NONE);

        areas_fill(place->areas);
        trial_want_pair(&t, place, va, vector->bytes, store);
        if (t.want != FAULT_NONE && store)
            pair_dirty_open(place);
        run(&t, va, vector, store);
    }
}

static void check_edge_load(const struct pair_place *place, const void *what)
{
    check_edge(place, what, false);
}

static void check_edge_store(const struct pair_place *place, const void *what)
{
    check_edge(place, what, true);
}

static const char *missing(unsigned bytes)
{
    struct cpuid_regs leaf = cpuid(X86_CPUID_FEATURES, 0);

    if (!cpu.pks)
        return "no pks";
    if (!(leaf.edx & X86_CPUID_1_EDX_SSE2))
        return "no sse2";
    if (bytes == 32 && (!(leaf.ecx & X86_CPUID_1_ECX_AVX) || (~extended_components() & X86_XCR0_AVX)))
        return "no avx";
    if (bytes == 64 && (cpuid(0, 0).eax < X86_CPUID_EXTENDED_FEATURES ||
                        !(cpuid(X86_CPUID_EXTENDED_FEATURES, 0).ebx & X86_CPUID_7_EBX_AVX512F) ||
                        (~extended_components() & X86_XCR0_AVX512)))
        return "no avx512f";
    return NULL;
}

static void sweep(const struct vector *vector, page_check *page, pair_check *pair)
{
    const char *reason = missing(vector->bytes);
    struct extended was;

    SKIP_UNLESS(!reason, reason);
    was = extended_on(vector->bytes == 64 ? X86_XCR0_AVX512 : vector->bytes == 32 ? X86_XCR0_AVX : 0);
    if (page)
        sweep_pages(page, vector);
    if (pair)
        sweep_pairs(pair, vector);
    extended_off(was);
}

#define VECTOR_TESTS(vector, bits, bytes)                                                                    \
    TEST(rights_vector_load_##bits, "A load of " bytes " bytes obeys AD")                                    \
    {                                                                                                        \
        sweep(&vector, check_page_load, NULL);                                                               \
    }                                                                                                        \
    TEST(rights_vector_store_##bits, "A store of " bytes " bytes obeys AD and WD")                           \
    {                                                                                                        \
        sweep(&vector, check_page_store, NULL);                                                              \
    }                                                                                                        \
    TEST(rights_vector_edge_load_##bits,                                                                     \
         "A load of " bytes " bytes from two pages, one of them denied, leaves the whole register")          \
    {                                                                                                        \
        sweep(&vector, NULL, check_edge_load);                                                               \
    }                                                                                                        \
    TEST(rights_vector_edge_store_##bits,                                                                    \
         "A store of " bytes " bytes to two pages, one of them denied, writes nothing")                      \
    {                                                                                                        \
        sweep(&vector, NULL, check_edge_store);                                                              \
    }

VECTOR_TESTS(sse, 128, "16")
VECTOR_TESTS(avx, 256, "32")
VECTOR_TESTS(avx512, 512, "64")
