#include "change.h"

#include "format.h"
#include "pcid.h"

#define KEY 5 /* of the page under test */

static bool is_pke(enum change change)
{
    return change == CHANGE_PKE_SET || change == CHANGE_PKE_CLEAR;
}

static bool is_pcid(enum change_way way)
{
    return way == CHANGE_PCID_KEEP || way == CHANGE_PCID_LOAD;
}

/* The machine before and after the change: the normal one but for the key's rights and the bit in question.
 */
static struct machine machine_with(enum change change, uint32_t rights, bool after)
{
    struct machine m = machine_normal();

    m.pkrs = pkr_set(m.pkrs, KEY, is_pke(change) ? 0 : rights);
    m.pkru = pkr_set(m.pkru, KEY, is_pke(change) ? rights : 0);
    if (change == CHANGE_WP_SET || change == CHANGE_WP_CLEAR)
        m.wp = after == (change == CHANGE_WP_SET);
    if (change == CHANGE_PKS_SET || change == CHANGE_PKS_CLEAR)
        m.pks = after == (change == CHANGE_PKS_SET);
    if (is_pke(change))
        m.pke = after == (change == CHANGE_PKE_SET);
    return m;
}

/* From one machine to the other with a single instruction: nothing else may flush or settle anything. */
static void apply(const struct machine *from, const struct machine *to)
{
    uint64_t cr4 = (from->pks != to->pks ? X86_CR4_PKS : 0) | (from->pke != to->pke ? X86_CR4_PKE : 0);

    if (from->pkrs != to->pkrs)
        msr_write(X86_MSR_IA32_PKRS, to->pkrs);
    if (from->wp != to->wp)
        cr0_write(cr0_read() ^ X86_CR0_WP);
    if (cr4)
        cr4_write(cr4_read() ^ cr4);
}

static void check_on(const struct target *t, const struct change_row *row, enum change change,
                     enum change_way way)
{
    struct machine before = machine_with(change, row->before, false);
    struct machine after = machine_with(change, row->after, true);
    struct access_seen warm, then;
    char about[96];

    *t->alias = ACCESS_PATTERN;
    machine_set(before);
    if (is_pcid(way))
        pcid_begin();
    target_set_leaf(t, *t->leaf & ~(uint64_t)(X86_PTE_A | X86_PTE_D));

    warm = access_make(t, row->warm, 8);
    if (is_pcid(way))
        pcid_load(PCID_OTHER, way == CHANGE_PCID_KEEP);
    apply(&before, &after);
    if (is_pcid(way))
        pcid_load(PCID_HOME, way == CHANGE_PCID_KEEP);
    then = access_make(t, row->then, 8);

    machine_set(machine_normal());
    if (is_pcid(way))
        pcid_end();
    format(about, sizeof(about), "%s, before, global=%u", row->about, !!(*t->leaf & X86_PTE_G));
    access_compare(t, before, row->warm, 8, row->warmed, about, &warm);
    format(about, sizeof(about), "%s, after, global=%u", row->about, !!(*t->leaf & X86_PTE_G));
    access_compare(t, after, row->then, 8, row->want, about, &then);
}

static void check_row(const struct change_row *row, enum change change, enum change_way way, bool global)
{
    struct entry page = target_page(KEY);

    page.writable = row->writable;
    page.user = is_pke(change);
    page.global = global;
    for (unsigned level = LEVEL_4K; level <= LEVEL_1G && target_level_exists(level); level++) {
        for (enum window_half half = WINDOW_LOW; half < WINDOW_HALVES; half++) {
            struct target t;

            if (!target_map(&t, level, half, level, page))
                return;
            check_on(&t, row, change, way);
            page_unmap(space_current(), t.va);
        }
    }
}

void check_changes(const struct change_row *rows, unsigned count, enum change change, enum change_way way)
{
    uint64_t cr4 = cr4_read();

    SKIP_UNLESS(is_pke(change) || cpu.pks, "no pks");
    SKIP_UNLESS(!is_pke(change) || cpu.pku, "no pku");
    SKIP_UNLESS(!is_pcid(way) || cpu.pcid, "no pcid");
    if (way != CHANGE_GLOBAL)
        for (unsigned i = 0; i < count; i++)
            check_row(&rows[i], change, way, false);
    if (way == CHANGE_HERE)
        return;
    cr4_write(cr4 | X86_CR4_PGE);
    for (unsigned i = 0; i < count; i++)
        check_row(&rows[i], change, way, true);
    cr4_write(cr4);
}
