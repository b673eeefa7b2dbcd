/*
 * A handler that lets others run, and goes on on another processor. What it handles moves with it: the frame
 * on the thread's stack, the chain of frames by which a change for everybody finds it, the handler's own
 * rights and the interrupted ones. The return loads the interrupted rights into the register of the processor
 * that the thread has come to.
 */
#include "threads.h"

static struct {
    struct keyed outer, inner, diary; /* a fault on `outer` is handled by a fault on `inner` */
    unsigned handled;
} now;

static void move_to_next(const char *about)
{
    unsigned to = (cpu_number() + 1) % smp_count();

    thread_move(to);
    expect_equal(cpu_number(), to, "processor of %s", about);
}

static bool handle_inner(struct trap_frame *frame, const struct pks_fault *fault)
{
    expect_equal(fault->depth, 1, "depth");
    REQUIRE(pks_mk_readonly(now.diary.key) == PKS_OK);
    move_to_next("the inner handler");
    keyed_expect(&now.diary, PKS_READONLY, "the inner handler's own key");
    keyed_expect(&now.outer, PKS_NOACCESS, "the interrupted handler's key in the inner handler");
    now.handled++;
    return pks_update_exception(frame, fault->key, PKS_READONLY) == PKS_OK;
}

static bool handle_outer(struct trap_frame *frame, const struct pks_fault *fault)
{
    uint64_t read;

    expect_equal(pkrs_read_checked("outer handler"), PKRS_DEFAULT, "PKRS of the outer handler");
    move_to_next("the outer handler");
    expect_equal(pkrs_read_checked("outer handler"), PKRS_DEFAULT, "PKRS of the outer handler, moved");
    read = *now.inner.memory;
    expect_equal(read, *now.inner.alias, "what the outer handler read");
    expect_equal(pkrs_read_checked("outer handler"), pkr_set(PKRS_DEFAULT, now.inner.key, PKS_READONLY),
                 "PKRS of the outer handler behind the inner one");
    expect_equal(thread_depth(), 1, "frames that the outer handler finds");
    thread_sleep(100);
    now.handled++;
    return pks_update_exception(frame, fault->key, PKS_READWRITE) == PKS_OK;
}

static void fault_everywhere(void *unused)
{
    uint32_t opened = pkr_set(PKRS_DEFAULT, now.diary.key, PKS_READWRITE);

    (void)unused;
    REQUIRE(pks_mk_readwrite(now.diary.key) == PKS_OK);
    for (unsigned i = 0; i < 4 * smp_count() && test_verdict() == VERDICT_PASS; i++) {
        unsigned from = cpu_number();

        *now.outer.memory = i;
        expect_equal(*now.outer.alias, i, "what the thread wrote");
        expect_equal(cpu_number(), (from + 2) % smp_count(), "processor behind the handlers");
        expect_equal(pkrs_read_checked("behind the handlers"), pkr_set(opened, now.outer.key, PKS_READWRITE),
                     "PKRS behind the handlers");
        for (unsigned number = 0; number < smp_count(); number++)
            if (number != cpu_number())
                expect_equal(pkrs_elsewhere(number), PKRS_DEFAULT, "PKRS of processor %u", number);
        REQUIRE(pks_mk_noaccess(now.outer.key) == PKS_OK);
    }
}

SMP_TEST(smp_thread_handler, "A handler, and one inside it, go on on other processors and return there")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    if (!keyed_make(&now.outer, "outer", 0, LEVEL_4K) || !keyed_make(&now.inner, "inner", 1, LEVEL_4K) ||
        !keyed_make(&now.diary, "diary", 2, LEVEL_4K))
        return;
    now.handled = 0;
    REQUIRE(pks_key_on_fault(now.outer.key, handle_outer) == PKS_OK);
    REQUIRE(pks_key_on_fault(now.inner.key, handle_inner) == PKS_OK);
    end_of(start_on(1, true, fault_everywhere, NULL), "the thread that faults");
    expect_equal(now.handled, 8 * smp_count(), "handlers");
    keyed_drop(&now.diary);
    keyed_drop(&now.inner);
    keyed_drop(&now.outer);
}
