/*
 * A handler that touches a closed key is a context like any other: the fault is its own, and what relaxes it
 * changes its frame and neither the interrupted thread's nor the fault handler's rights.
 */
#include "apic.h"
#include "keyed.h"

enum who { THREAD, HANDLER, FAULTED, CALLBACK, NMI, CONTEXTS };

static struct {
    struct keyed key[CONTEXTS]; /* each context opens its own; FAULTED is the one that is denied */
    unsigned calls, nmis;
    bool nmi; /* during the callback */
} nest;

/* Exactly these are open now, a bit each. */
static void expect_open(unsigned open, const char *when)
{
    pkrs_read_checked(when);
    for (unsigned i = 0; i < CONTEXTS; i++)
        keyed_expect(&nest.key[i], open >> i & 1 ? PKS_READWRITE : PKS_NOACCESS, when);
}

static bool handle_nmi(struct trap_frame *frame)
{
    (void)frame;
    expect_open(0, "NMI");
    pks_mk_readwrite(nest.key[NMI].key);
    expect_open(1u << NMI, "NMI with a key open");
    nest.nmis++;
    return true;
}

static bool relax(struct trap_frame *frame, const struct pks_fault *fault)
{
    expect_equal(fault->depth, 1, "handlers below the fault");
    expect_open(0, "callback");
    pks_mk_readwrite(nest.key[CALLBACK].key);
    if (nest.nmi)
        apic_send_self_nmi();
    expect_open(1u << CALLBACK, "callback, with its key open");
    nest.calls++;
    REQUIRE(pks_update_exception(frame, nest.key[FAULTED].key, PKS_READWRITE) == PKS_OK);
    expect_open(1u << CALLBACK, "callback, having relaxed the fault");
    return true;
}

static bool handle(struct trap_frame *frame)
{
    (void)frame;
    expect_open(0, "handler");
    pks_mk_readwrite(nest.key[HANDLER].key);
    pks_key_on_fault(nest.key[FAULTED].key, relax);
    *nest.key[FAULTED].memory = 0x5ca1ab1e; /* denied, relaxed, done */
    pks_key_on_fault(nest.key[FAULTED].key, NULL);
    expect_equal(*nest.key[FAULTED].alias, 0x5ca1ab1e, "what the handler wrote");
    expect_open(1u << HANDLER | 1u << FAULTED, "handler after its fault");
    return true;
}

static void deliver(struct trap_frame *frame)
{
    handle(frame);
}

static bool set_up(bool nmi)
{
    static const char *const names[CONTEXTS] = {"thread", "handler", "faulted", "callback", "nmi"};

    nest.nmi = nmi;
    nest.calls = nest.nmis = 0;
    for (unsigned i = 0; i < CONTEXTS; i++)
        if (!keyed_make(&nest.key[i], names[i], i, LEVEL_4K))
            return false;
    pks_mk_readwrite(nest.key[THREAD].key);
    return true;
}

static void finish(void)
{
    expect_open(1u << THREAD, "thread afterwards");
    expect_equal(nest.calls, 1, "faults of the handler");
    expect_equal(nest.nmis, nest.nmi, "NMIs");
    pks_mk_noaccess(nest.key[THREAD].key);
    for (unsigned i = 0; i < CONTEXTS; i++)
        keyed_drop(&nest.key[i]);
}

TEST(event_nest_denied, "A handler that faults on a closed key has it relaxed for itself alone")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    if (!set_up(false))
        return;
    trap_set_handler(X86_VEC_EVENT_START, handle);
    __asm__ volatile("int %0" : : "i"(X86_VEC_EVENT_START) : "memory");
    trap_set_handler(X86_VEC_EVENT_START, NULL);
    finish();
}

TEST(event_nest_nmi, "An NMI during a #PF during an interrupt: each with rights of its own")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    SKIP_UNLESS(apic_open(), "no apic");
    if (!set_up(true))
        return;
    trap_set_handler(X86_VEC_NMI, handle_nmi);
    apic_set_handler(X86_VEC_SELF, deliver);
    apic_send_self(X86_VEC_SELF);
    irq_enable();
    __asm__ volatile("nop" : : : "memory");
    irq_disable();
    apic_set_handler(X86_VEC_SELF, NULL);
    trap_set_handler(X86_VEC_NMI, NULL);
    finish();
}
