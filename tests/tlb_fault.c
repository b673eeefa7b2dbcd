/*
 * A page fault drops what is cached for its address: "These invalidations ensure that the page-fault
 * exception will not recur (if the faulting instruction is re-executed) if it would not be caused by the
 * contents of the paging structures in memory" (SDM volume 3, "Operations that Invalidate TLBs and
 * Paging-Structure Caches"). A handler may therefore give a page another key and return, without INVLPG.
 *
 * Two ways to try it. In the first the leaf gets its new key before the access: the old one may still act
 * (A6), so one fault is legal, and the handler just returns. In the second the handler writes the new key;
 * the processor may have cached the old translation again in between, so two faults are legal. PKRS stays as
 * it is from the filling of the translation to the last retry.
 */
#include "tlb.h"

#define KEY_OPEN 3
#define KEY_AD   9
#define KEY_WD   14

#define FAULTS_MAX 8 /* after so many the handler gives up, and the probe ends with the fault */

/* A page with a key that denies `then`; the translation is filled by `warm`, which the key allows. */
struct row {
    const char *about;
    unsigned key;
    enum access warm, then;
    fault_t fault;
};

static const struct row rows[] = {
    {"WD, filled by a read", KEY_WD, ACCESS_READ, ACCESS_WRITE, PF_WRITE},
    {"AD, filled by a fetch", KEY_AD, ACCESS_FETCH, ACCESS_READ, PF_READ},
    {"AD, filled by a fetch", KEY_AD, ACCESS_FETCH, ACCESS_WRITE, PF_WRITE},
};

/* What the handler is for, and what it saw. */
static struct {
    const struct target *target;
    uint64_t leaf; /* the entry to write, 0 to write nothing */
    fault_t want;
    unsigned faults, strange;
} retry;

/* Returns to the same instruction, which no INVLPG, CR3 load or CR4 write precedes. */
static bool handle_by_retry(struct trap_frame *frame)
{
    if (frame->cr2 != retry.target->va)
        return false;
    retry.faults++;
    retry.strange += trap_fault(frame) != retry.want;
    if (retry.leaf)
        target_edit_leaf(retry.target, retry.leaf);
    return retry.faults < FAULTS_MAX;
}

static void check_row(const struct target *t, const struct row *row, bool by_handler)
{
    uint64_t flip = (uint64_t)(row->key ^ KEY_OPEN) << X86_PTE_PKEY_BIT;
    struct machine m = machine_normal();
    struct access_seen warm, then;

    m.pkrs = pkr_set(pkr_set(m.pkrs, KEY_OPEN, 0), KEY_WD, X86_PKR_WD);
    *t->alias = ACCESS_PATTERN;
    target_set_leaf(t, *t->leaf & ~(uint64_t)(X86_PTE_A | X86_PTE_D));
    machine_set(m);
    warm = access_make(t, row->warm, 8);

    retry.target = t;
    retry.leaf = by_handler ? *t->leaf ^ flip : 0;
    retry.want = row->fault;
    retry.faults = retry.strange = 0;
    if (!by_handler)
        target_edit_leaf(t, *t->leaf ^ flip);
    trap_set_handler(X86_VEC_PF, handle_by_retry);
    then = access_make(t, row->then, 8);
    trap_set_handler(X86_VEC_PF, NULL);
    machine_set(machine_normal());

    access_compare(t, m, row->warm, 8, FAULT_NONE, row->about, &warm);
    access_compare(t, m, row->then, 8, FAULT_NONE, row->about, &then);
    expect_equal(retry.strange, 0, "faults other than %s; %s", fault_text(row->fault).s, row->about);
    if (by_handler && !retry.faults)
        test_fail("no fault before the handler gave the page another key; %s", row->about);
    if (retry.faults > (by_handler ? 2 : 1))
        test_fail("%u faults at %s page; %s", retry.faults, level_name(t->level), row->about);
}

static void check(bool by_handler)
{
    SKIP_UNLESS(cpu.pks, "no pks");
    for (unsigned level = LEVEL_4K; level <= LEVEL_1G && target_level_exists(level); level++) {
        for (enum window_half half = WINDOW_LOW; half < WINDOW_HALVES; half++) {
            for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct target t;

                if (!target_map(&t, level, half, level, target_page(rows[i].key)))
                    return;
                check_row(&t, &rows[i], by_handler);
                page_unmap(space_current(), t.va);
            }
        }
    }
}

TEST(tlb_fault_stale, "A fault from a translation that memory no longer holds does not recur")
{
    check(false);
}

TEST(tlb_fault_edit, "A handler that gives the page an open key may return without INVLPG")
{
    check(true);
}
