/*
 * Failures of a matrix by signature: what differed, what was wanted and what came. The first cases of each
 * are kept, by the order of the axes and not of time, because processors that share the work meet them in any
 * order; the rest is counted. At the end they are printed, and the very first one is shrunk to the fewest
 * axes that still fail in the same way.
 */
#include "format.h"
#include "log.h"
#include "matrix.h"
#include "report.h"
#include "spin.h"
#include "string.h"

#define SIGNATURES 64u
#define PRINTED    8u
#define LINES      3u

struct signature {
    struct pks_case cases[LINES]; /* the first ones */
    unsigned kept;
    struct matrix_sight sight;
    uint64_t count;
};

static struct spin lock;
static struct signature table[SIGNATURES];
static unsigned used;
static uint64_t beyond; /* failures for which the table had no room */
static bool shrinking;

void matrix_report_begin(void)
{
    used = 0;
    beyond = 0;
}

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

static int order(const struct pks_case *a, const struct pks_case *b)
{
    return memcmp(a->v, b->v, sizeof(a->v));
}

/* Keeps the case if it is one of the first; two walks of the quick matrix may be the same case. */
static void keep(struct signature *s, struct pks_case c)
{
    for (unsigned i = 0; i < s->kept; i++) {
        struct pks_case other = s->cases[i];
        int way = order(&c, &other);

        if (way == 0)
            return;
        if (way < 0) {
            s->cases[i] = c;
            c = other;
        }
    }
    if (s->kept < LINES)
        s->cases[s->kept++] = c;
}

static void note(const struct pks_case *c, const struct matrix_sight *seen)
{
    unsigned i = 0;

    while (i < used && !same(&table[i].sight, seen))
        i++;
    if (i == SIGNATURES) {
        beyond++;
        return;
    }
    if (i == used)
        table[used++] = (struct signature){.sight = *seen};
    keep(&table[i], *c);
    table[i].count++;
}

void matrix_failed(const struct pks_case *c, const struct matrix_sight *seen)
{
    uint64_t flags;

    if (shrinking)
        return;
    flags = spin_lock(&lock);
    note(c, seen);
    spin_unlock(&lock, flags);
}

static void show_walk(const struct matrix_sight *seen)
{
    report_walk("#  ", seen->va);
}

static bool fails_alone(const struct signature *s, const struct pks_case *c,
                        void (*look)(const struct matrix_sight *))
{
    struct matrix_sight seen;

    return matrix_single(c, &seen, look) && same(&seen, &s->sight);
}

/* Gives every axis its default value as long as the case still fails in the same way. */
static struct pks_case shrink(const struct signature *s)
{
    struct pks_case normal = pks_case_default();
    struct pks_case c = s->cases[0];

    for (enum pks_axis a = PKS_AXIS_paging + 1; a < PKS_AXES; a++) {
        struct pks_case smaller = c;

        smaller.v[a] = normal.v[a];
        if (fails_alone(s, &smaller, NULL))
            c = smaller;
    }
    return c;
}

static void print(const struct signature *s)
{
    bool alone = false;
    struct pks_case smallest;

    for (unsigned i = 0; i < s->kept; i++) {
        test_fail("case=%s %s: want %s got %s", word_of(&s->cases[i]).s, s->sight.wrong,
                  fault_text(s->sight.want).s, fault_text(s->sight.got).s);
        if (i)
            continue;
        log_line("#  %s", words_of(&s->cases[0]).s);
        alone = fails_alone(s, &s->cases[0], show_walk);
    }
    smallest = alone ? shrink(s) : s->cases[0];
    log_line("# %lu times %s: want %s got %s; %s case=%s", s->count, s->sight.wrong,
             fault_text(s->sight.want).s, fault_text(s->sight.got).s,
             alone ? "smallest" : "only after others: first", word_of(&smallest).s);
}

/* Of those that are not printed yet, the one whose first case comes first. */
static struct signature *next_signature(void)
{
    struct signature *next = NULL;

    for (unsigned i = 0; i < used; i++)
        if (table[i].count && (!next || order(&table[i].cases[0], &next->cases[0]) < 0))
            next = &table[i];
    return next;
}

void matrix_report(void)
{
    struct signature *next;

    shrinking = true;
    for (unsigned i = 0; (next = next_signature()) != NULL; i++) {
        if (i < PRINTED)
            print(next);
        else
            beyond += next->count;
        next->count = 0;
    }
    if (beyond)
        test_fail("%lu more failures of other kinds", beyond);
    shrinking = false;
}
