/*
 * Failures of a matrix by signature: what differed, what was wanted and what came. The first cases of each
 * are printed, the rest counted; at the end the first one is shrunk to the fewest axes that still fail in the
 * same way.
 */
#include "format.h"
#include "log.h"
#include "matrix.h"
#include "report.h"

#define SIGNATURES 8u
#define LINES      3u

struct signature {
    struct pks_case first;
    struct matrix_sight sight;
    uint64_t count;
};

static struct signature table[SIGNATURES];
static unsigned used;
static uint64_t beyond; /* failures for which the table had no room */
static bool shrinking;

static bool same(const struct matrix_sight *a, const struct matrix_sight *b)
{
    return a->wrong == b->wrong && a->want == b->want && a->got == b->got;
}

struct words {
    char s[512];
};

static struct words word_of(const struct pks_case *c)
{
    struct words w = {""};

    pks_case_text(w.s, sizeof(w.s), c);
    return w;
}

static struct words words_of(const struct pks_case *c)
{
    struct words w = {""};
    size_t length = 0;

    for (enum pks_axis a = 0; a < PKS_AXES && length < sizeof(w.s); a++)
        length += format(w.s + length, sizeof(w.s) - length, " %s=%s", pks_axis_name(a),
                         pks_value_name(a, c->v[a]));
    return w;
}

static void print(const struct signature *s, const struct pks_case *c)
{
    test_fail("case=%s %s: want %s got %s", word_of(c).s, s->sight.wrong, fault_text(s->sight.want).s,
              fault_text(s->sight.got).s);
    if (s->count > 1)
        return;
    log_line("#  %s", words_of(c).s);
    report_walk("#  ", s->sight.va); /* the strip still stands as the case wants it */
}

void matrix_failed(const struct pks_case *c, const struct matrix_sight *seen)
{
    unsigned i = 0;

    if (shrinking)
        return;
    while (i < used && !same(&table[i].sight, seen))
        i++;
    if (i == SIGNATURES) {
        beyond++;
        return;
    }
    if (i == used)
        table[used++] = (struct signature){.first = *c, .sight = *seen};
    if (++table[i].count <= LINES)
        print(&table[i], c);
}

static bool fails_alone(const struct signature *s, const struct pks_case *c)
{
    struct matrix_sight seen;

    return matrix_single(c, &seen) && same(&seen, &s->sight);
}

/* Gives every axis its default value as long as the case still fails in the same way. */
static struct pks_case shrink(const struct signature *s)
{
    struct pks_case normal = pks_case_default();
    struct pks_case c = s->first;

    for (enum pks_axis a = PKS_AXIS_paging + 1; a < PKS_AXES; a++) {
        struct pks_case smaller = c;

        smaller.v[a] = normal.v[a];
        if (fails_alone(s, &smaller))
            c = smaller;
    }
    return c;
}

void matrix_report(void)
{
    shrinking = true;
    for (unsigned i = 0; i < used; i++) {
        bool alone = fails_alone(&table[i], &table[i].first);
        struct pks_case smallest = alone ? shrink(&table[i]) : table[i].first;

        log_line("# %lu times %s: want %s got %s; %s case=%s", table[i].count, table[i].sight.wrong,
                 fault_text(table[i].sight.want).s, fault_text(table[i].sight.got).s,
                 alone ? "smallest" : "only after others: first", word_of(&smallest).s);
    }
    if (beyond)
        log_line("# %lu more failures of other kinds", beyond);
    used = 0;
    beyond = 0;
    shrinking = false;
}
