/*
 * CPL 3 with both registers in play. A program on a user page runs under a PKRU of its own while PKRS holds
 * something else for the same keys, and raises events of every way in: PKRU decides about user pages, PKRS
 * about none of them (SDM volume 3, "Protection Keys"); no entry changes PKRU; what a handler opens in PKRS
 * is gone in the next one; and RDMSR and WRMSR of PKRS are #GP.
 */
#include "apic.h"
#include "desc.h"
#include "event.h"
#include "event_place.h"
#include "frames.h"
#include "rng.h"
#include "step.h"
#include "user.h"
#include "user_code.h"

#define ROUNDS    24u
#define PAGE_SLOT 4u
#define PF_USER   (X86_PF_P | X86_PF_U)

extern const char event_user[];

/* The program's stops in order; the last two come after it has changed PKRU and exchanged the pages. */
#define STOPS(X)                                                                                             \
    X(int, X86_VEC_EVENT_CLOSED, 0, true)                                                                    \
    X(bp, X86_VEC_BP, 0, true)                                                                               \
    X(ud, X86_VEC_UD, 0, false)                                                                              \
    X(de, X86_VEC_DE, 0, false)                                                                              \
    X(syscall, X86_VEC_SYSCALL, 0, true)                                                                     \
    X(rdmsr, X86_VEC_GP, 0, false)                                                                           \
    X(wrmsr, X86_VEC_GP, 0, false)                                                                           \
    X(read, X86_VEC_PF, PF_USER | X86_PF_PK, false)                                                          \
    X(write, X86_VEC_PF, PF_USER | X86_PF_PK | X86_PF_W, false)                                              \
    X(supervisor, X86_VEC_PF, PF_USER, false)                                                                \
    X(last, X86_VEC_EVENT_CLOSED, 0, true)                                                                   \
    X(closed, X86_VEC_PF, PF_USER | X86_PF_PK, false)

#define STOP_LABELS(name, vector, code, trap) EVENT_LABELS(user_##name);
STOPS(STOP_LABELS)

static const struct stop {
    const char *about, *at, *next;
    unsigned vector, code;
    bool trap;
} stops[] = {
#define STOP_ROW(n, v, c, t)                                                                                 \
    {.about = #n, .at = event_at_user_##n, .next = event_next_user_##n, .vector = v, .code = c, .trap = t},
    STOPS(STOP_ROW)};
#define STOP_COUNT (sizeof(stops) / sizeof(stops[0]))

static struct {
    struct keyed closed, open; /* by PKRS; supervisor pages */
    struct trap_frame program, kernel, end;
    unsigned stop, interrupts;
    bool running;
    bool strict; /* compare PK in the error code for a supervisor page */
} user;

static bool begin(struct trap_frame *frame)
{
    user.kernel = *frame;
    *frame = user.program;
    user.running = true;
    return true;
}

static bool finish(struct trap_frame *frame)
{
    user.end = *frame;
    user.running = false;
    *frame = user.kernel;
    return true;
}

static void check_inside(const struct trap_frame *frame, const char *about)
{
    expect_equal(trap_from_user(frame), true, "from CPL 3, %s", about);
    expect_equal(frame->pkrs, user.program.pkrs, "PKRS in the frame, %s", about);
    expect_equal(pkrs_read_checked(about), pks_default, "PKRS in the handler, %s", about);
    expect_equal(pkru_read(), (uint32_t)frame->r12, "PKRU in the handler, %s", about);
    keyed_expect(&user.open, PKS_NOACCESS, about);
    keyed_expect(&user.closed, PKS_NOACCESS, about);
}

/* Leaves a key open, to be found closed in the next handler. */
static bool on_stop(struct trap_frame *frame)
{
    const struct stop *stop = &stops[user.stop];

    if (!user.running || !trap_from_user(frame))
        return false;
    if (user.stop == STOP_COUNT) {
        test_error("more events than expected: %s", fault_text(trap_fault(frame)).s);
        return finish(frame);
    }
    user.stop++;
    expect_equal(frame->vector, stop->vector, "vector, %s", stop->about);
    expect_equal(user.strict || stop->at != event_at_user_supervisor ? frame->code
                                                                     : frame->code & ~(uint64_t)X86_PF_PK,
                 stop->code, "error code, %s", stop->about);
    expect_equal(frame->rip, event_address(stop->trap ? stop->next : stop->at), "rip, %s", stop->about);
    check_inside(frame, stop->about);
    pks_mk_readwrite(user.closed.key);
    keyed_expect(&user.closed, PKS_READWRITE, stop->about);
    frame->rip = event_address(stop->next);
    if (stop->trap)
        apic_send_self(X86_VEC_SELF); /* arrives at the program's next instruction */
    return true;
}

static void on_interrupt(struct trap_frame *frame)
{
    check_inside(frame, "interrupt");
    user.interrupts++;
}

static void take(bool on)
{
    for (unsigned i = 0; i < STOP_COUNT; i++)
        trap_set_handler(stops[i].vector, on ? on_stop : NULL);
    trap_set_handler(X86_VEC_EVENT_START, on ? begin : NULL);
    trap_set_handler(X86_VEC_EVENT_END, on ? finish : NULL);
    apic_set_handler(X86_VEC_SELF, on ? on_interrupt : NULL);
    idt_set_user(X86_VEC_EVENT_CLOSED, on);
    idt_set_user(X86_VEC_EVENT_END, on);
    idt_set_user(X86_VEC_BP, on);
    user_set_syscall(on);
}

/* One run with random rights for every other key. */
static void run(uint64_t *random, const uint64_t page[2])
{
    uint32_t pkrs = pkr_set((uint32_t)rng_next(random), 0, 0);
    uint32_t pkru = pkr_set((uint32_t)rng_next(random), 0, 0);
    uint32_t next = pkr_set((uint32_t)rng_next(random), 0, 0);
    unsigned traps = 0;
    struct machine m = machine_normal();

    m.pke = true;
    m.pkru = pkr_set(pkr_set(pkru, user.closed.key, 0), user.open.key, X86_PKR_AD);
    next = pkr_set(pkr_set(next, user.open.key, 0), user.closed.key, X86_PKR_AD);
    user.program = (struct trap_frame){
        .pkrs = pkr_set(pkr_set(pkrs, user.closed.key, X86_PKR_AD), user.open.key, 0),
        .rip = event_address(event_user),
        .cs = X86_SEG_USER_CODE64 | X86_SEG_RPL_USER,
        .ss = X86_SEG_USER_DATA | X86_SEG_RPL_USER,
        .rsp = event_place_user_stack(),
        .rflags = X86_EFLAGS_FIXED | X86_EFLAGS_IF,
        .rbx = page[0],
        .rbp = page[1],
        .rdi = user.open.va,
        .r12 = m.pkru,
        .r13 = next,
        .r15 = 1,
    };
    user.stop = user.interrupts = 0;
    machine_set(m);
    __asm__ volatile("int %0" : : "i"(X86_VEC_EVENT_START) : "memory");
    desc_reload_segments();
    expect_equal(pkru_read(), next, "PKRU as the program has left it");
    expect_equal(pkrs_read_checked("kernel"), pks_default, "PKRS of the kernel's code");
    machine_set(machine_normal());

    for (unsigned i = 0; i < STOP_COUNT; i++)
        traps += stops[i].trap;
    expect_equal(user.stop, STOP_COUNT, "events of the program");
    expect_equal(user.interrupts, traps, "interrupts of the program");
    expect_equal(user.end.r15, 0, "the program found PKRU or its page changed");
    expect_equal(user.end.pkrs, user.program.pkrs, "PKRS at the program's end");
}

static uint64_t map_user_page(unsigned slot, unsigned key)
{
    struct entry page = {
        .address = frame_alloc(), .user = true, .writable = true, .execute_disable = true, .key = key};
    uint64_t va = window_address_in(WINDOW_LOW, USER_WINDOW, slot);

    REQUIRE(page.address && page_map(space_current(), va, LEVEL_4K, page) == MAP_OK);
    return va;
}

static void unmap_user_page(uint64_t va)
{
    struct page_found page;

    if (page_find(va, &page) && page_unmap(space_current(), va))
        frame_free(page.leaf.address);
}

static void check(bool strict)
{
    uint64_t random = test_seed();
    uint64_t page[2];

    SKIP_UNLESS(cpu.pks && cpu.pku, "no pks and pku");
    SKIP_UNLESS(apic_open(), "no apic");
    user.strict = strict;
    if (!event_place_map() || !keyed_make(&user.closed, "closed", 0, LEVEL_4K) ||
        !keyed_make(&user.open, "open", 1, LEVEL_4K))
        return;
    page[0] = map_user_page(PAGE_SLOT, user.closed.key);
    page[1] = map_user_page(PAGE_SLOT + 1, user.open.key);
    take(true);
    for (unsigned i = 0; i < test_effort(ROUNDS) && test_verdict() == VERDICT_PASS; i++)
        run(&random, page);
    take(false);
    unmap_user_page(page[0]);
    unmap_user_page(page[1]);
    event_place_unmap();
    keyed_drop(&user.open);
    keyed_drop(&user.closed);
}

TEST(event_user_both,
     "PKRU and PKRS of a program at CPL 3 know nothing of each other, whatever events it raises")
{
    check(false);
}

TEST(event_user_supervisor,
     "PK is clear where CPL 3 is denied a supervisor page whose key PKRU closes and PKRS opens")
{
    check(true);
}
