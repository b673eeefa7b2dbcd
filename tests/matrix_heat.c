/*
 * How many cases the matrix has asked for each key, rights and kind of access, and how many failed, over all
 * its tests under one paging mode: what the heat map of the report shows. One line for each access and
 * rights, with a number for each key, and not one set for each test: a log of every test's numbers would be
 * twice as long.
 */
#include "format.h"
#include "matrix_slice.h"

#define RIGHTS 4u

enum access { READ, WRITE, RMW, LOCKED, FETCH, ACCESSES };

static const char *const access_name[ACCESSES] = {"read", "write", "rmw", "locked", "fetch"};

struct row {
    uint64_t of_key[X86_PKEYS];
};

static struct row checked[ACCESSES][RIGHTS];
static struct row failed[ACCESSES][RIGHTS];

static enum access access_of(unsigned kind)
{
    if (kind == PKS_KIND_FETCH)
        return FETCH;
    if (kind == PKS_KIND_LOCKED8)
        return LOCKED;
    if (kind == PKS_KIND_RMW8)
        return RMW;
    return kind < PKS_KIND_WRITE1 ? READ : WRITE;
}

/* Several processors may work on the matrix. */
static void add(struct row *row, unsigned key, uint64_t count)
{
    if (count)
        __atomic_fetch_add(&row->of_key[key], count, __ATOMIC_RELAXED);
}

void matrix_heat_add(const struct pks_case *c, struct matrix_tally *tally)
{
    unsigned key = c->v[PKS_AXIS_key];
    unsigned rights = c->v[PKS_AXIS_rights];

    for (unsigned kind = 0; kind < PKS_KINDS; kind++) {
        add(&checked[access_of(kind)][rights], key, tally->of_kind[kind]);
        add(&failed[access_of(kind)][rights], key, tally->wrong_of_kind[kind]);
        tally->of_kind[kind] = 0;
        tally->wrong_of_kind[kind] = 0;
    }
}

struct numbers {
    char s[200];
};

static struct numbers take(struct row *row)
{
    struct numbers n = {""};
    size_t used = 0;

    for (unsigned key = 0; key < X86_PKEYS && used < sizeof(n.s); key++)
        used += format(n.s + used, sizeof(n.s) - used, "%s%lu", key ? "," : "", row->of_key[key]);
    *row = (struct row){{0}};
    return n;
}

static bool any(const struct row *row)
{
    uint64_t sum = 0;

    for (unsigned key = 0; key < X86_PKEYS; key++)
        sum += row->of_key[key];
    return sum != 0;
}

void matrix_heat_print(void)
{
    for (unsigned access = 0; access < ACCESSES; access++)
        for (unsigned rights = 0; rights < RIGHTS; rights++)
            if (any(&checked[access][rights]))
                test_note("heat access=%s rights=%s checked=%s failed=%s", access_name[access],
                          pks_value_name(PKS_AXIS_rights, rights), take(&checked[access][rights]).s,
                          take(&failed[access][rights]).s);
}
