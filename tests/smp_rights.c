/*
 * Every processor has other rights at the same time. IA32_PKRS is a register of the logical processor
 * ("Protection Keys"; volume 4's table gives it the scope "thread"), and so is the software copy: what one
 * writes appears nowhere else.
 */
#include "keyed.h"
#include "pks/model.h"
#include "rng.h"
#include "smp.h"
#include "together.h"

#define WRITES   64u
#define ACCESSES 16u
#define RIGHTS   4u

static uint32_t expected[CPUS_MAX]; /* PKRS of each, on paper */

/* A value for the `write`th time; key 0 stays open, so that the kernel can run. */
static uint32_t value_for(unsigned write)
{
    uint64_t state = test_seed() + write;

    return (uint32_t)rng_next(&state) & ~PKR_MASK(0);
}

static void look(unsigned writer)
{
    unsigned self = cpu_number();

    expect_equal(msr_read(X86_MSR_IA32_PKRS), expected[self],
                 "PKRS of processor %u after processor %u wrote its own", self, writer);
    expect_equal(pks_copy, expected[self], "software copy of processor %u", self);
}

/* One at a time, in an order that the seed gives, the runtime's way or with a plain WRMSR and its copy. */
static void write_in_turn(unsigned self, void *count)
{
    uint64_t random = test_seed();

    for (unsigned write = 0; write < WRITES; write++) {
        unsigned writer = (unsigned)(rng_next(&random) % *(const unsigned *)count);

        if (writer == self) {
            expected[self] = value_for(write);
            pkrs_write(expected[self]);
        }
        if (!together_barrier())
            break;
        look(writer);
        if (!together_barrier())
            break;
    }
    pkrs_write(PKRS_DEFAULT);
}

SMP_TEST(smp_rights_apart,
         "A write to one processor's PKRS shows in no other one's, nor in its software copy")
{
    unsigned count = smp_count();

    SKIP_UNLESS(cpu.pks, "no pks");
    for (unsigned i = 0; i < count; i++)
        expected[i] = PKRS_DEFAULT;
    together(count, write_in_turn, &count);
    for (unsigned i = 0; i < count && count <= 4; i++)
        if (expected[i] == PKRS_DEFAULT)
            test_error("processor %u has written nothing", i);
}

/* All at once, with no barrier between the writes: each reads its own back. */
static void write_at_once(unsigned self, void *unused)
{
    (void)unused;
    if (!together_barrier())
        return;
    for (unsigned write = 0; write < test_effort(4000) && test_verdict() == VERDICT_PASS; write++) {
        expected[self] = value_for(self << 16 | write);
        pkrs_write(expected[self]);
        look(self);
    }
    pkrs_write(PKRS_DEFAULT);
}

SMP_TEST(smp_rights_at_once, "Processors that write PKRS at the same time read back each its own value")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    together(smp_count(), write_at_once, NULL);
}

/* Each processor another of the three rights, moving on by one each time. */
static void use_key(unsigned self, void *argument)
{
    static const enum pks_rights rights[] = {PKS_NOACCESS, PKS_READONLY, PKS_READWRITE};
    const struct keyed *keyed = argument;
    uint64_t va = keyed->va + 8 * (self % (X86_PAGE_SIZE / 8));

    for (unsigned round = 0; round < 6; round++) {
        enum pks_rights mine = rights[(round + self) % 3];
        fault_t read = mine == PKS_NOACCESS ? FAULT_KEY_READ : FAULT_NONE;
        fault_t write = mine == PKS_READWRITE ? FAULT_NONE : FAULT_KEY_WRITE;

        pks_mk(keyed->key, mine);
        if (!together_barrier())
            break;
        for (unsigned i = 0; i < ACCESSES; i++) {
            struct outcome o = probe(PROBE_read8, va, 0);

            expect_outcome(&o, PROBE_read8, read, va, "on processor %u, rights %u", self, mine);
            o = probe(PROBE_write8, va, i);
            expect_outcome(&o, PROBE_write8, write, va, "on processor %u, rights %u", self, mine);
        }
    }
    pks_mk_noaccess(keyed->key);
}

SMP_TEST(smp_rights_key, "Every processor has other rights for the same key and page at the same time")
{
    static struct keyed keyed;

    SKIP_UNLESS(cpu.pks, "no pks");
    if (!keyed_make(&keyed, "shared", 0, LEVEL_4K))
        return;
    together(smp_count(), use_key, &keyed);
    keyed_drop(&keyed);
}

/* A page for each key, shared by all; each processor has eight bytes of its own on each. */
static struct target page[X86_PKEYS];

static const struct {
    enum probe_kind probe;
    struct pks_access access;
} accesses[] = {
    {PROBE_read1, {.kind = PKS_READ}},   {PROBE_read8, {.kind = PKS_READ}},
    {PROBE_write1, {.kind = PKS_WRITE}}, {PROBE_write8, {.kind = PKS_WRITE}},
    {PROBE_add8, {.kind = PKS_RMW}},     {PROBE_locked8, {.kind = PKS_RMW, .locked = true}},
    {PROBE_fetch, {.kind = PKS_FETCH}},
};
#define ACCESS_KINDS (sizeof(accesses) / sizeof(accesses[0]))

static void try_all_accesses(unsigned self, unsigned key, uint32_t pkrs)
{
    struct pks_walk walk = {.writable = true, .xd = true, .key = (uint8_t)key};
    struct pks_state state = {.wp = true, .nxe = true, .pks = true, .pkrs = pkrs};
    unsigned word = self % 64;
    uint64_t va = page[key].va + 8 * word;

    for (unsigned i = 0; i < ACCESS_KINDS; i++) {
        struct pks_answer want = pks_judge(&state, &walk, &accesses[i].access);
        uint64_t before = page[key].alias[word];
        struct outcome o = probe(accesses[i].probe, va, 1);

        if (!pks_allows(&want, o.fault))
            test_fail("%s of key %u on processor %u: want %s got %s", probe_name(accesses[i].probe), key,
                      self, fault_text(want.fault).s, fault_text(o.fault).s);
        if (o.faults && (o.pkrs != pkrs || o.cr2 != va || o.faults != 1))
            test_fail("%s of key %u on processor %u: frame pkrs=%08x cr2=0x%lx, want %08x 0x%lx",
                      probe_name(accesses[i].probe), key, self, o.pkrs, o.cr2, pkrs, va);
        if (o.faults)
            expect_equal(page[key].alias[word], before, "memory after a denied %s of key %u on processor %u",
                         probe_name(accesses[i].probe), key, self);
    }
}

/* Each processor goes the same round, from another place of it. */
static void go_round(unsigned self, void *unused)
{
    (void)unused;
    for (unsigned step = 0; step < X86_PKEYS * RIGHTS; step++) {
        unsigned at = (step + 5 * self) % (X86_PKEYS * RIGHTS);
        unsigned key = at / RIGHTS;
        uint32_t pkrs = pkr_set(value_for(self << 16 | step), key, key ? at % RIGHTS : 0);

        pkrs_write(pkrs);
        if (!together_barrier())
            break;
        try_all_accesses(self, key, pkrs);
    }
    pkrs_write(PKRS_DEFAULT);
}

SMP_TEST(smp_rights_matrix,
         "Every access under all rights of all keys, with other rights on each processor at the same time")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    for (unsigned key = 0; key < X86_PKEYS; key++) {
        struct entry leaf = target_page(key);

        leaf.execute_disable = true;
        if (!target_map(&page[key], LEVEL_4K, WINDOW_LOW, key, leaf))
            return;
        keyed_supervise(space_current(), page[key].va);
    }
    together(smp_count(), go_round, NULL);
}
