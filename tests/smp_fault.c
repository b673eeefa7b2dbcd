/*
 * One processor opens a key while another one is denied the same page, in the same moment. PKRS belongs to a
 * processor ("Protection Keys"), the page's translation may be in both: what the first one may do must not
 * depend on the second one, nor the fault of the second one on the first.
 */
#include "keyed.h"
#include "rng.h"
#include "smp.h"
#include "together.h"

#define MEETINGS     12u /* of each pair, in each direction */
#define ACCESSES     24u /* at each of them */
#define ALL_PAIRS    4u  /* of the first processors; then some at random */
#define RANDOM_PAIRS 12u

enum role { OPENS, DENIED };

struct meeting {
    struct keyed keyed;
    unsigned number[2]; /* of the processors, by role */
    uint64_t open, denied;
};

/* Each role has a word of its own on the page. */
static uint64_t word_va(const struct meeting *m, enum role role)
{
    return m->keyed.va + 8 * role;
}

static volatile uint64_t *word(const struct meeting *m, enum role role)
{
    return m->keyed.alias + role;
}

/* `held`: the key is open already, and stays so. */
static void be_allowed(struct meeting *m, bool write, bool held)
{
    enum probe_kind kind = write ? PROBE_write8 : PROBE_read8;
    uint64_t want = write ? ~*word(m, OPENS) : *word(m, OPENS);
    struct outcome o;

    if (!held)
        pks_mk(m->keyed.key, write ? PKS_READWRITE : PKS_READONLY);
    o = probe(kind, word_va(m, OPENS), want);
    if (!held)
        pks_mk_noaccess(m->keyed.key);
    expect_outcome(&o, kind, FAULT_NONE, 0, "on processor %u, which has the key open", m->number[OPENS]);
    expect_equal(write ? *word(m, OPENS) : o.value, want, "what processor %u %s", m->number[OPENS],
                 write ? "wrote" : "read");
    m->open++;
}

static void be_denied(struct meeting *m, bool write)
{
    enum probe_kind kind = write ? PROBE_write8 : PROBE_read8;
    uint64_t before = *word(m, DENIED);
    struct outcome o = probe(kind, word_va(m, DENIED), ~before);

    expect_outcome(&o, kind, write ? FAULT_KEY_WRITE : FAULT_KEY_READ, word_va(m, DENIED),
                   "on processor %u while processor %u has the key open", m->number[DENIED],
                   m->number[OPENS]);
    expect_equal(o.pkrs, PKRS_DEFAULT, "rights in the frame of processor %u", m->number[DENIED]);
    expect_equal(*word(m, DENIED), before, "memory after the denied access of processor %u",
                 m->number[DENIED]);
    m->denied++;
}

/* In every other meeting the key is open from before the first denied access until behind the last one; in
 * the others it is opened and closed meanwhile. */
static void meet(unsigned role, void *argument)
{
    struct meeting *m = argument;

    for (unsigned meeting = 0; meeting < MEETINGS; meeting++) {
        bool held = meeting & 1;

        if (held && role == OPENS)
            pks_mk_readwrite(m->keyed.key);
        if (!together_barrier())
            return;
        for (unsigned i = 0; i < ACCESSES; i++) {
            bool write = (i + meeting / 2) & 1;

            if (role == OPENS)
                be_allowed(m, write, held);
            else
                be_denied(m, write);
        }
        if (!together_barrier())
            return;
        pks_mk_noaccess(m->keyed.key);
        test_alive();
    }
    pkrs_read_checked("behind the meetings");
}

static void meet_both_ways(struct meeting *m, unsigned a, unsigned b)
{
    for (unsigned turned = 0; turned < 2 && test_verdict() == VERDICT_PASS; turned++) {
        m->number[OPENS] = turned ? b : a;
        m->number[DENIED] = turned ? a : b;
        together_on(m->number, 2, meet, m);
    }
}

SMP_TEST(smp_fault_pair, "One processor opens a key while another one is denied the page: each gets its own")
{
    static struct meeting m;
    uint64_t random = test_seed();
    unsigned count = smp_count();
    unsigned pairs = 0;

    SKIP_UNLESS(cpu.pks, "no pks");
    m = (struct meeting){0};
    if (!keyed_make(&m.keyed, "meeting", 0, LEVEL_4K))
        return;
    for (unsigned b = 1; b < count && b < ALL_PAIRS; b++)
        for (unsigned a = 0; a < b; a++, pairs++)
            meet_both_ways(&m, a, b);
    for (unsigned i = 0; count > ALL_PAIRS && i < test_effort(RANDOM_PAIRS); i++, pairs++) {
        unsigned a = (unsigned)(rng_next(&random) % count);

        meet_both_ways(&m, a, (a + 1 + (unsigned)(rng_next(&random) % (count - 1))) % count);
    }
    expect_equal(m.open, 2ull * pairs * MEETINGS * ACCESSES, "accesses with the key open");
    expect_equal(m.denied, 2ull * pairs * MEETINGS * ACCESSES, "denied accesses");
    test_note("smp_fault pairs=%u accesses=%lu", pairs, m.open + m.denied);
    keyed_drop(&m.keyed);
}
