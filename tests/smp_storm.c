/*
 * Every processor changes its rights at random and sends NMIs, interrupts and calls to the others meanwhile.
 * Each handler has to find the default rights, takes rights of its own, and has to find those unchanged at
 * its end, whatever has interrupted it; the interrupted code has its rights on paper, and has to get them
 * back.
 *
 * What handlers see is kept by processor and said at the end: a handler of an NMI must not take the lock of
 * the log. The operations repeat with the seed, the moments do not.
 */
#include "apic.h"
#include "keyed.h"
#include "rng.h"
#include "smp.h"
#include "smp_call.h"
#include "thread.h"
#include "time.h"
#include "together.h"

#define KEYS       15u
#define OPERATIONS 5000u /* on all processors together, under each paging mode */
#define LINGER     5u    /* of a handler, so that an NMI may come */

enum { EVENT_NMI, EVENT_INTERRUPT, EVENT_CALL, EVENTS };
static const char *const event_name[EVENTS] = {"NMI", "interrupt", "call"};

/* What a handler saw that it should not have. */
struct complaint {
    const char *about;
    uint32_t pkrs, copy;
    uint64_t frame, rip;
};

static struct storm {
    volatile uint32_t now,
        next;              /* rights of the job: what they are, and what the call under way makes of them */
    volatile uint32_t own; /* what the handler that is no NMI has taken for itself */
    uint64_t random;       /* of the handlers */
    uint64_t taken[EVENTS], sent[EVENTS];
    struct complaint complaint; /* the first one */
} storms[CPUS_MAX];

static struct keyed keyed[KEYS];

static struct storm *here(void)
{
    return &storms[cpu_number()];
}

static void complain(const char *about, const struct trap_frame *frame)
{
    struct storm *s = here();

    if (!s->complaint.about)
        s->complaint = (struct complaint){.about = about,
                                          .pkrs = (uint32_t)msr_read(X86_MSR_IA32_PKRS),
                                          .copy = pks_copy,
                                          .frame = frame ? frame->pkrs : 0,
                                          .rip = frame ? frame->rip : 0};
}

static bool agrees(uint32_t want)
{
    return msr_read(X86_MSR_IA32_PKRS) == want && pks_copy == want;
}

static uint32_t any_value(void)
{
    return (uint32_t)rng_next(&here()->random) & ~PKR_MASK(0);
}

/* Rights of its own until the end of the handler. */
static void take_rights(uint32_t own, const char *about)
{
    pkrs_write(own);
    for (unsigned i = 0; i < LINGER; i++)
        __asm__ volatile("pause");
    if (!agrees(own))
        complain(about, NULL);
}

/* The interrupted rights are the job's, or those of a handler that an NMI has interrupted: its own, or still,
 * or again, the default in its entry and exit. */
static void check(const struct trap_frame *frame, unsigned event)
{
    struct storm *s = here();

    s->taken[event]++;
    if (!agrees(PKRS_DEFAULT))
        complain("a handler starts with other rights than the default", frame);
    if (frame->pkrs != s->now && frame->pkrs != s->next && frame->pkrs != PKRS_DEFAULT &&
        (event != EVENT_NMI || frame->pkrs != s->own))
        complain("a frame has rights that nobody here had", frame);
}

static bool take_nmi(struct trap_frame *frame)
{
    check(frame, EVENT_NMI);
    take_rights(any_value(), "rights of an NMI's handler changed");
    return true;
}

static void take_interrupt(struct trap_frame *frame)
{
    check(frame, EVENT_INTERRUPT);
    here()->own = any_value();
    take_rights(here()->own, "rights of a handler changed");
}

/* Within the handler of a call; or by the job, with its own rights, where it waits until it can call. */
static void take_call(void *unused)
{
    (void)unused;
    here()->taken[EVENT_CALL]++;
    if (!agrees(thread_depth() ? PKRS_DEFAULT : here()->now))
        complain("a call starts with wrong rights", NULL);
    if (thread_depth()) {
        here()->own = any_value();
        take_rights(here()->own, "rights of a call changed");
    }
}

static void set(unsigned key, uint64_t random)
{
    static const enum pks_rights rights[] = {PKS_NOACCESS, PKS_READONLY, PKS_READWRITE};
    struct storm *s = here();

    s->next = pkr_set(s->now, key, rights[random % 3]);
    pks_mk(key, rights[random % 3]);
    s->now = s->next;
}

static void access(const struct keyed *k, bool write)
{
    uint32_t pkrs = here()->now;
    uint32_t rights = pkr_get(pkrs, k->key);
    uint64_t va = k->va + 8 * (cpu_number() % 512);
    fault_t denied = write ? FAULT_KEY_WRITE : FAULT_KEY_READ;
    fault_t want = rights & X86_PKR_AD || (write && rights & X86_PKR_WD) ? denied : FAULT_NONE;
    struct outcome got = probe(write ? PROBE_write8 : PROBE_read8, va, 1);

    expect_outcome(&got, write ? PROBE_write8 : PROBE_read8, want, va, "of key %u on processor %u", k->key,
                   cpu_number());
    if (got.faults)
        expect_equal(got.pkrs, pkrs, "rights in the frame of processor %u", cpu_number());
}

static void send(unsigned event, unsigned to)
{
    here()->sent[event]++;
    if (event == EVENT_CALL)
        smp_call(to, take_call, NULL);
    else
        apic_send(percpu_of(to)->apic_id, event == EVENT_NMI ? X86_APIC_ICR_NMI : X86_VEC_SELF);
}

/* Few calls: the caller waits, for long where an emulator has fewer processors than it shows. */
static unsigned any_event(uint64_t random)
{
    return random % 32 == 0 ? EVENT_CALL : random & 1 ? EVENT_NMI : EVENT_INTERRUPT;
}

static void work(unsigned self, void *operations)
{
    unsigned count = smp_count();
    uint64_t random = test_seed() + self;

    if (!together_barrier())
        return;
    for (unsigned i = 0; i < *(const unsigned *)operations && test_verdict() == VERDICT_PASS; i++) {
        uint64_t r = rng_next(&random);
        const struct keyed *k = &keyed[(r >> 8) % KEYS];

        if (r % 16 < 6)
            set(k->key, r >> 32);
        else if (r % 16 < 9)
            access(k, r >> 32 & 1);
        else
            send(any_event(r >> 16), (self + 1 + (unsigned)((r >> 32) % (count - 1))) % count);
        if (!agrees(here()->now))
            complain("the rights of the job are not those on paper", NULL);
        test_alive();
    }
    together_barrier();
    pkrs_write(PKRS_DEFAULT);
}

/* What was sent last comes before a processor does anything else. */
static void settle(unsigned self, void *unused)
{
    (void)self;
    (void)unused;
    together_barrier();
    time_wait(1000);
}

static void report(void)
{
    uint64_t taken[EVENTS] = {0}, sent[EVENTS] = {0};

    for (unsigned i = 0; i < smp_count(); i++) {
        const struct complaint *c = &storms[i].complaint;

        if (c->about)
            test_fail("processor %u: %s: PKRS 0x%x, copy 0x%x, frame 0x%lx at 0x%lx, on paper 0x%x next 0x%x",
                      i, c->about, c->pkrs, c->copy, c->frame, c->rip, storms[i].now, storms[i].next);
        for (unsigned event = 0; event < EVENTS; event++) {
            taken[event] += storms[i].taken[event];
            sent[event] += storms[i].sent[event];
        }
    }
    expect_equal(taken[EVENT_CALL], sent[EVENT_CALL], "calls that were made");
    for (unsigned event = 0; event < EVENTS; event++) /* several NMIs that wait are one, as are interrupts */
        if (taken[event] > sent[event] || (sent[event] && !taken[event]))
            test_fail("%lu of %lu: %s", taken[event], sent[event], event_name[event]);
    test_note("smp_storm nmi=%lu interrupts=%lu calls=%lu sent=%lu", taken[EVENT_NMI], taken[EVENT_INTERRUPT],
              taken[EVENT_CALL], sent[EVENT_NMI] + sent[EVENT_INTERRUPT] + sent[EVENT_CALL]);
}

SMP_TEST(smp_storm, "NMIs, interrupts and calls from all sides while every processor changes its rights")
{
    unsigned operations = test_effort(OPERATIONS) / smp_count() + 1;

    SKIP_UNLESS(cpu.pks, "no pks");
    for (unsigned i = 0; i < KEYS; i++)
        if (!keyed_make(&keyed[i], "storm", i, LEVEL_4K))
            return;
    for (unsigned i = 0; i < smp_count(); i++)
        storms[i] = (struct storm){.now = PKRS_DEFAULT, .next = PKRS_DEFAULT, .random = ~test_seed() - i};
    trap_set_handler(X86_VEC_NMI, take_nmi);
    apic_set_handler(X86_VEC_SELF, take_interrupt);
    together(smp_count(), work, &operations);
    together(smp_count(), settle, NULL);
    apic_set_handler(X86_VEC_SELF, NULL);
    trap_set_handler(X86_VEC_NMI, NULL);
    report();
    for (unsigned i = 0; i < KEYS; i++)
        keyed_drop(&keyed[i]);
}
