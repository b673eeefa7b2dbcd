/*
 * The golden rows of lib/pks/golden.def, asked of the machine: the truths that the model has to know on the
 * host are tried here on the processor, row by row, on the entries and with the registers that the row names.
 * One test for each group of rows. Under 5-level paging the rows for four levels are lifted: nothing else
 * changes. What cannot be made here is left out with a reason.
 */
#include "golden.h"
#include "desc.h"
#include "fastprobe.h"
#include "frames.h"
#include "kmap.h"
#include "matrix.h"
#include "pks/rules.h"
#include "string.h"
#include "trial.h"
#include "user.h"

#define SELECTOR (X86_SEG_TI_LDT | X86_SEG_RPL_USER)
#define ACCESSED (1ull << 40) /* in a segment descriptor's type */
#define PROGRAM  30           /* slot for the program at CPL 3 */

/* Why a row cannot be run, or NULL. */
static const char *obstacle(const struct pks_golden *row)
{
    const struct pks_state *s = &row->state;
    struct pks_access read = row->access;
    struct pks_answer answer;

    if (row->access.kind == PKS_FLUSH && row->access.cpl)
        return "no program flushes at CPL 3";
    if ((s->pke && !cpu.pku) || (s->smep && !cpu.smep) || (s->smap && !cpu.smap))
        return "no such feature";
    if (s->layout.leaf_level == PKS_PDPTE && !cpu.page_1g)
        return "no 1 GiB pages";
    if (!matrix_can_reserve(&s->layout))
        return "no reserved bit in an entry that needs one";
    read.kind = PKS_READ;
    answer = pks_predict(s, &read);
    if (row->access.implicit && row->access.kind != PKS_READ && answer.fault != FAULT_NONE)
        return "the descriptor is read first";
    return NULL;
}

static unsigned kind_of(const struct pks_access *a)
{
    static const uint8_t kind[] = {
        [PKS_READ] = PKS_KIND_READ1 + 3, [PKS_WRITE] = PKS_KIND_WRITE1 + 3, [PKS_RMW] = PKS_KIND_RMW8,
        [PKS_FETCH] = PKS_KIND_FETCH,    [PKS_FLUSH] = PKS_KIND_READ1,
    };

    return a->locked ? (unsigned)PKS_KIND_LOCKED8 : kind[a->kind];
}

/* A segment load: it reads the descriptor, and sets its accessed bit where that is clear. */
static fault_t load_segment(const struct pks_access *a, uint64_t va, volatile uint64_t *memory)
{
    uint64_t kept = *memory;
    uint64_t code = window_address(WINDOW_LOW, PROGRAM);
    struct outcome o;

    *memory = SEGMENT_DATA_USER | (a->kind == PKS_READ ? ACCESSED : 0);
    fast_end();
    ldt_load(va, 7);
    o = a->cpl ? user_load_fs(code, code + X86_PAGE_SIZE, SELECTOR) : probe(PROBE_load_fs, SELECTOR, 0);
    ldt_load(0, 0);
    fast_begin();
    *memory = kept;
    if (o.faults && o.cr2 - va >= sizeof(uint64_t))
        test_fail("cr2 0x%lx is not in the descriptor at 0x%lx", o.cr2, va);
    return o.fault;
}

static fault_t flush_line(uint64_t va)
{
    struct registers registers = trial_registers(); /* with a stack that takes the fault */
    struct outcome o;

    registers.rdi = va;
    fast_end();
    o = probe_registers(PROBE_clflush, &registers);
    fast_begin();
    return o.fault;
}

/* A key that the row leaves to the kernel: key 0 where that is open. */
static unsigned key_for_kernel(const struct pks_state *s)
{
    unsigned key = 0;

    while (key < X86_PKEYS - 1 && pkr_get(s->pkrs, key))
        key++;
    return key;
}

/* Caches the page as it was before CR4 or its key became what the row says. */
static void fill_before(struct matrix_worker *w, const struct pks_state *s, const struct pks_case *c,
                        unsigned cpl, unsigned kind)
{
    struct pks_state before = *s;

    if (s->cr4_stale) {
        before.pks = !s->pks;
        before.pke = cpu.pku && !s->pke;
    }
    if (s->key_stale)
        before.layout.leaf.key = s->old_key;
    matrix_set_control(w, key_for_kernel(s), &before);
    matrix_set_walk(w, 0, c, &before.layout);
    matrix_reset(w, 0, kind);
    matrix_flush(w);
    matrix_fill(w, 0, cpl, kind);
}

static struct matrix_sight run_row(struct matrix_worker *w, const struct pks_golden *row,
                                   const struct pks_state *s)
{
    unsigned kind = kind_of(&row->access);
    struct pks_case c = pks_case_default();
    struct matrix_sight sight = {.want = row->want.fault};

    if (!s->nxe) {
        kernel_set_xd(false);
        msr_write(X86_MSR_EFER, msr_read(X86_MSR_EFER) & ~(uint64_t)X86_EFER_NXE);
    }
    if (s->cr4_stale || s->key_stale)
        fill_before(w, s, &c, row->access.cpl, kind);
    matrix_set_control(w, key_for_kernel(s), s);
    matrix_set_walk(w, 0, &c, &s->layout);
    matrix_reset(w, 0, kind);
    if (!s->cr4_stale && !s->key_stale)
        matrix_flush(w);
    if (row->access.kind == PKS_FLUSH)
        sight.got = flush_line(matrix_address(w, 0, kind));
    else if (row->access.implicit)
        sight.got = load_segment(&row->access, matrix_address(w, 0, kind), matrix_memory(w, kind));
    else
        sight = matrix_look(w, 0, row->access.cpl, kind, row->want.fault, !s->cr4_stale && !s->key_stale);
    if (!s->nxe) {
        msr_write(X86_MSR_EFER, msr_read(X86_MSR_EFER) | X86_EFER_NXE);
        kernel_set_xd(true);
    }
    return sight;
}

static bool map_program(void)
{
    uint64_t physical = frame_alloc();
    struct entry page = {.user = true, .address = physical};

    if (!physical || page_map(space_current(), window_address(WINDOW_LOW, PROGRAM), LEVEL_4K, page) != MAP_OK)
        return false;
    memcpy(frame_pointer(physical), user_program, (size_t)(user_program_end - user_program));
    return true;
}

/* Lifts the state to the present paging mode; false if the row is about the other one. */
static bool lift(struct pks_state *s)
{
    if (s->layout.levels > test_levels())
        return false;
    s->layout.levels = (uint8_t)test_levels();
    return true;
}

void golden_run(const char *group)
{
    unsigned ran = 0, left_out = 0;

    SKIP_UNLESS(cpu.pks, "no pks");
    for (unsigned i = 0; i < pks_golden_count; i++) {
        const struct pks_golden *row = &pks_golden[i];
        struct pks_state state = row->state;
        struct matrix_worker *w;
        struct matrix_sight sight;
        const char *reason;

        if (strcmp(row->group, group) != 0 || !lift(&state))
            continue;
        reason = obstacle(row);
        left_out += reason != NULL;
        if (reason)
            test_note("golden left out: %s (%s): %s", row->about, pks_rules[row->rule].id, reason);
        w = reason ? NULL : matrix_open(state.layout.leaf_level);
        if (!w)
            continue;
        REQUIRE(map_program());
        sight = run_row(w, row, &state);
        matrix_close(w);
        ran++;
        if (sight.got != row->want.fault && pks_allows(&row->want, sight.got))
            test_note("observe golden=%s rule=%s got=%s", row->about, pks_rules[row->rule].id,
                      fault_text(sight.got).s);
        else if (sight.got != row->want.fault || sight.wrong)
            test_fail("rule %s, %s: want %s got %s%s%s", pks_rules[row->rule].id, row->about,
                      fault_text(row->want.fault).s, fault_text(sight.got).s, sight.wrong ? ", " : "",
                      sight.wrong ? sight.wrong : "");
    }
    if (!ran)
        test_skip("no row can be run here");
    test_note("golden group=%s rows=%u left_out=%u", group, ran, left_out);
}
