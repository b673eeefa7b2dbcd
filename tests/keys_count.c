/*
 * What the runtime's paths cost in instructions and in accesses of IA32_PKRS: counted by single-stepping the
 * code as it is, so that the counting costs nothing when nobody counts. The limits are the aims of the
 * runtime, the numbers of register accesses follow from what each path has to do.
 */
#include "keyed.h"
#include "peer.h"
#include "step.h"
#include "thread.h"

extern const char trap_stubs[];
extern const uint64_t trap_stub_size;

static const void *const no_breakpoints[STEP_BREAKPOINTS];

static void nothing(void *unused)
{
    (void)unused;
}

/* The counts beyond those of an empty function. */
static struct step_counts count(void (*function)(void *), const void *const *breakpoints)
{
    struct step_counts empty = step_count(nothing, NULL, no_breakpoints);
    struct step_counts counts = step_count(function, NULL, breakpoints);

    counts.instructions -= empty.instructions;
    return counts;
}

static void expect_counts(struct step_counts got, uint64_t rdmsr, uint64_t wrmsr, const char *about)
{
    expect_equal(got.rdmsr, rdmsr, "%s: RDMSR of PKRS", about);
    expect_equal(got.wrmsr, wrmsr, "%s: WRMSR of PKRS", about);
    test_note("count path=%s instructions=%lu rdmsr=%lu wrmsr=%lu", about, got.instructions, got.rdmsr,
              got.wrmsr);
}

/* With a constant key, as a user of the interface would write it. */
#define KEY 1

static void close_it(void *unused)
{
    (void)unused;
    pks_mk_noaccess(KEY);
}

static void open_it(void *unused)
{
    (void)unused;
    pks_mk_readwrite(KEY);
}

static int token;

static void swap_it(void *unused)
{
    (void)unused;
    token = pks_mk_swap(KEY, PKS_READWRITE);
}

static void restore_it(void *unused)
{
    (void)unused;
    pks_mk_restore(KEY, token);
}

static void refused(void *unused)
{
    (void)unused;
    pks_mk_readwrite(KEY + 1);
}

TEST(keys_count_calls,
     "A call that changes nothing takes ten instructions at most and no MSR; a change one WRMSR")
{
    struct step_counts same;

    SKIP_UNLESS(cpu.pks, "no pks");
    REQUIRE(pks_key_alloc("counted") == KEY);
    same = count(close_it, no_breakpoints);
    expect_counts(same, 0, 0, "no_change");
    if (same.instructions > 10)
        test_fail("a call that changes nothing takes %lu instructions", same.instructions);
    expect_counts(count(open_it, no_breakpoints), 0, 1, "change");
    expect_counts(count(open_it, no_breakpoints), 0, 0, "no_change_open");
    expect_counts(count(close_it, no_breakpoints), 0, 1, "change_back");
    expect_counts(count(swap_it, no_breakpoints), 0, 1, "swap");
    expect_counts(count(swap_it, no_breakpoints), 0, 0, "swap_no_change");
    token &= ~PKS_TOKEN_RIGHTS;
    token |= PKS_NOACCESS;
    expect_counts(count(restore_it, no_breakpoints), 0, 1, "restore");
    expect_counts(count(restore_it, no_breakpoints), 0, 0, "restore_no_change");
    expect_counts(count(refused, no_breakpoints), 0, 0, "refused");
    REQUIRE(pks_key_free(KEY) == PKS_OK);
}

static void yield_once(void *unused)
{
    (void)unused;
    thread_yield();
}

/* One way: stepping ends in the other thread, whose flags are its own, and goes on when this one is back. */
static void count_switch(enum pks_rights here, enum pks_rights there, uint64_t wrmsr, const char *about)
{
    struct peer peer;

    pks_mk(KEY, PKS_NOACCESS);
    peer_start(&peer, KEY, there);
    pks_mk(KEY, here);
    expect_counts(count(yield_once, no_breakpoints), 0, wrmsr, about);
    expect_equal(pkr_get(pkrs_read_checked(about), KEY), here, "rights after the switch there and back");
    peer_stop(&peer);
}

TEST(keys_count_switch, "A switch between equal rights touches no MSR, between different ones it writes once")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    REQUIRE(pks_key_alloc("counted") == KEY);
    count_switch(PKS_NOACCESS, PKS_NOACCESS, 0, "switch_equal");
    count_switch(PKS_READWRITE, PKS_READWRITE, 0, "switch_equal_open");
    count_switch(PKS_READWRITE, PKS_NOACCESS, 1, "switch_to_default");
    count_switch(PKS_NOACCESS, PKS_READWRITE, 1, "switch_from_default");
    pks_mk_noaccess(KEY);
    REQUIRE(pks_key_free(KEY) == PKS_OK);
}

static void raise(void *unused)
{
    (void)unused;
    __asm__ volatile("int3");
}

static bool return_at_once(struct trap_frame *frame)
{
    (void)frame;
    return true;
}

static bool open_and_return(struct trap_frame *frame)
{
    (void)frame;
    return pks_mk_readwrite(KEY) == PKS_OK;
}

static void count_exception(trap_handler *handler, enum pks_rights rights, uint64_t wrmsr, const char *about)
{
    const void *stub[STEP_BREAKPOINTS] = {trap_stubs + X86_VEC_BP * trap_stub_size};

    pks_mk(KEY, rights);
    trap_set_handler(X86_VEC_BP, handler);
    expect_counts(count(raise, stub), 1, wrmsr, about);
    trap_set_handler(X86_VEC_BP, NULL);
    expect_equal(pkr_get(pkrs_read_checked(about), KEY), rights, "rights after the exception");
}

TEST(keys_count_exception,
     "Entry and exit read PKRS once, and write it only where it differs from the default")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    REQUIRE(pks_key_alloc("counted") == KEY);
    count_exception(return_at_once, PKS_NOACCESS, 0, "exception_default");
    count_exception(return_at_once, PKS_READWRITE, 2, "exception_open");
    count_exception(open_and_return, PKS_NOACCESS, 2,
                    "exception_handler_opens"); /* its own write and the exit's */
    count_exception(open_and_return, PKS_READWRITE, 2, "exception_both_open");
    pks_mk_noaccess(KEY);
    REQUIRE(pks_key_free(KEY) == PKS_OK);
}
