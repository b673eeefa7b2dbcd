#include "event.h"

#include "apic.h"
#include "desc.h"
#include "event_place.h"
#include "format.h"
#include "rng.h"
#include "string.h"

#define FLAGS                                                                                                \
    (X86_EFLAGS_CF | X86_EFLAGS_PF | X86_EFLAGS_AF | X86_EFLAGS_ZF | X86_EFLAGS_SF | X86_EFLAGS_DF |         \
     X86_EFLAGS_OF)
#define COMPARED   (FLAGS | X86_EFLAGS_IF | X86_EFLAGS_AC)
#define GENERAL    15u /* registers, from R15 on in the frame */
#define FRAME_R11  4u
#define FRAME_R8   7u
#define FRAME_RCX  13u
#define EXCEPTIONS 32u
#define RANDOM     3u /* rights beside all open and all closed */

static struct {
    const struct event *event;
    const struct event_mode_of *mode;
    enum { IDLE, START, EVENT, INSIDE, END } phase;
    struct trap_frame program; /* as it starts */
    struct trap_frame kernel;  /* what the frame that starts it was */
    bool raised;
    char where[128];
} now;

static struct keyed keyed;
static uint64_t random;

const struct trap_frame *event_program(void)
{
    return &now.program;
}

static uint64_t general(const struct trap_frame *frame, unsigned i)
{
    return ((const uint64_t *)frame)[offsetof(struct trap_frame, r15) / sizeof(uint64_t) + i];
}

static bool compared(unsigned i)
{
    if (now.event->clobbers && (i == FRAME_R11 || i == FRAME_RCX))
        return false;
    return !now.mode->compat || i > FRAME_R8; /* R8 to R15 do not exist there */
}

/* What the program had must still be there, `when`. */
static void check_context(const struct trap_frame *frame, const char *when)
{
    uint64_t mask = now.mode->compat ? UINT32_MAX : UINT64_MAX; /* nor do the upper halves */

    for (unsigned i = 0; i < GENERAL; i++)
        if (compared(i))
            expect_equal(general(frame, i) & mask, general(&now.program, i) & mask,
                         "register %u of the frame, %s, %s", i, when, now.where);
    expect_equal(frame->pkrs, now.program.pkrs, "pkrs in the frame, %s, %s", when, now.where);
    expect_equal(frame->rsp & mask, now.program.rsp, "rsp in the frame, %s, %s", when, now.where);
    expect_equal(frame->cs, now.program.cs, "cs in the frame, %s, %s", when, now.where);
    expect_equal(frame->ss, now.program.ss, "ss in the frame, %s, %s", when, now.where);
    expect_equal(frame->rflags & COMPARED, now.program.rflags & COMPARED, "rflags in the frame, %s, %s", when,
                 now.where);
}

static void check_event(const struct trap_frame *frame)
{
    const struct event *e = now.event;
    uint64_t code = e->code | (now.program.cs & X86_SEG_RPL_USER ? e->code_user : 0);

    expect_equal(frame->vector, e->vector, "vector, %s", now.where);
    expect_equal(frame->code, code, "error code, %s", now.where);
    if (!e->rip_open)
        expect_equal(frame->rip, event_address(e->trap ? e->next : e->at), "rip, %s", now.where);
    check_context(frame, "event");
}

/* Nothing is open in the handler but what the default rights open; and it leaves a key open, which must not
 * be seen in the program. */
static void check_rights(void)
{
    expect_equal(pkrs_read_checked(now.where), pks_default, "PKRS in the handler, %s", now.where);
    keyed_expect(&keyed, PKS_NOACCESS, now.where);
    pks_mk_readwrite(keyed.key);
    keyed_expect(&keyed, PKS_READWRITE, now.where);
}

static void undo(void)
{
    if (now.event->undo)
        now.event->undo();
}

bool event_take(struct trap_frame *frame)
{
    switch (now.phase) {
    case START:
        now.kernel = *frame;
        now.phase = EVENT;
        if (now.event->pending)
            now.event->pending();
        now.program.vector = frame->vector;
        *frame = now.program;
        return true;
    case EVENT:
        if (frame->rip == event_address(now.event->next) + 2 && frame->vector == X86_VEC_EVENT_END)
            break; /* the machine did not raise it */
        now.phase = INSIDE;
        now.raised = true;
        undo();
        check_event(frame);
        check_rights();
        frame->rip = event_address(now.event->next);
        frame->rflags &= ~(uint64_t)X86_EFLAGS_TF;
        now.phase = END;
        return true;
    case END:
        if (frame->vector != X86_VEC_EVENT_END)
            return now.event->by_apic; /* the timer again */
        check_context(frame, "end");
        expect_equal(frame->rip, event_address(now.event->next) + 2, "rip, end, %s", now.where);
        break;
    default:
        return false;
    }
    now.phase = IDLE;
    *frame = now.kernel;
    return true;
}

static void set_program(enum event_mode mode, uint32_t pkrs, uint64_t flags)
{
    const struct event *e = now.event;
    uint64_t registers[GENERAL];

    for (unsigned i = 0; i < GENERAL; i++) /* not canonical: an address among them faults */
        registers[i] = 0x8001020304050600 + i * 0x0101010101010101;
    memcpy((uint8_t *)&now.program + offsetof(struct trap_frame, r15), registers, sizeof(registers));
    now.mode = event_place_mode(mode);
    now.program.pkrs = e->denied ? pkr_set(pkrs, keyed.key, X86_PKR_AD) : pkrs;
    now.program.rip = event_address(e->start ? e->start : e->at);
    now.program.cs = now.mode->cs;
    now.program.ss = now.mode->ss;
    now.program.rsp = now.mode->cs & X86_SEG_RPL_USER ? event_place_user_stack() : event_place_kernel_stack();
    now.program.rflags = X86_EFLAGS_FIXED | flags | e->flags;
}

static void run(enum event_mode mode, enum stack_id stack, uint32_t pkrs)
{
    const struct event *e = now.event;
    uint32_t before = pkrs_read_checked("before an event");

    set_program(mode, pkrs, rng_next(&random) & FLAGS);
    format(now.where, sizeof(now.where), "%s, %s, %s, pkrs 0x%x", e->about, now.mode->about,
           stack == STACK_NONE ? "current stack" : "ist", (unsigned)now.program.pkrs);
    now.raised = false;
    if (e->set_up)
        e->set_up(e);
    now.phase = START;
    if (e->by_nmi)
        apic_send_self_nmi();
    else
        __asm__ volatile("int %0" : : "i"(X86_VEC_EVENT_START) : "memory");
    undo();
    desc_reload_segments(); /* IRET to CPL 3 made DS and ES null */
    if (!now.raised)
        test_fail("not raised: %s", now.where);
    expect_equal(pkrs_read_checked(now.where), before, "PKRS of the test, %s", now.where);
    if (now.phase != IDLE)
        test_error("left in phase %u: %s", now.phase, now.where);
}

/* Every exception is taken: a machine may raise another one than the manual says. */
static void take(bool on)
{
    const unsigned vectors[] = {X86_VEC_EVENT_START, X86_VEC_EVENT_END, now.event->vector};

    for (unsigned vector = 0; vector < EXCEPTIONS; vector++)
        trap_set_handler(vector, on ? event_take : NULL);
    for (unsigned i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        if (vectors[i] != now.event->vector || !now.event->by_apic)
            trap_set_handler(vectors[i], on ? event_take : NULL);
        if (vectors[i] < X86_VECTORS)
            idt_set_user(vectors[i], on);
    }
    if (now.event->debug)
        trap_set_handler(X86_VEC_DB, on ? now.event->debug : NULL);
}

static void run_with_rights(enum event_mode mode, enum stack_id stack)
{
    run(mode, stack, 0);
    run(mode, stack, pks_default);
    for (unsigned i = 0; i < test_effort(RANDOM); i++)
        run(mode, stack, pkr_set((uint32_t)rng_next(&random), 0, 0)); /* the kernel's own key is open */
}

static void run_on_stacks(enum event_mode mode)
{
    unsigned vector = now.event->vector;
    enum stack_id stack = idt_stack(vector);
    enum stack_id other = stack == STACK_NONE ? STACK_SPARE : STACK_NONE;

    run_with_rights(mode, stack);
    if (now.event->one_stack)
        return;
    idt_set_stack(vector, other);
    run_with_rights(mode, other);
    idt_set_stack(vector, stack);
}

void event_run_all(const struct event *event)
{
    now.event = event;
    take(true);
    for (enum event_mode mode = EVENT_KERNEL; mode < EVENT_MODES; mode++) {
        if (event->modes >> mode & 1 && event->vector < X86_VECTORS)
            run_on_stacks(mode);
        else if (event->modes >> mode & 1)
            run_with_rights(mode, STACK_NONE);
    }
    take(false);
}

bool event_open(void)
{
    random = test_seed();
    return event_place_map() && keyed_make(&keyed, "event", 0, LEVEL_4K) && event_place_key(keyed.key);
}

void event_close(void)
{
    event_place_unmap();
    keyed_drop(&keyed);
}

void event_check(const struct event *event)
{
    SKIP_UNLESS(cpu.pks, "no pks");
    if (!event_open())
        return;
    event_run_all(event);
    event_close();
}
