#include "probe.h"

#include "thread.h"
#include "watchdog.h"

#include <stddef.h>

typedef uint64_t probe_function(uint64_t a, uint64_t b);

#define PROBE_DECLARE(name)                                                                                  \
    probe_function probe_fn_##name;                                                                          \
    extern const char probe_at_##name[];
PROBES(PROBE_DECLARE)

#define PROBE_DECLARE_AT(name) extern const char probe_at_##name[];
REGISTER_PROBES(PROBE_DECLARE_AT)

static const struct {
    const char *name;
    probe_function *function;
    const char *at;
} probes[PROBE_KINDS] = {
#define PROBE_ROW(n) [PROBE_##n] = {.name = #n, .function = probe_fn_##n, .at = probe_at_##n},
    PROBES(PROBE_ROW)
#define PROBE_ROW_AT(n) [PROBE_##n] = {.name = #n, .at = probe_at_##n},
        REGISTER_PROBES(PROBE_ROW_AT)};

void registers_enter(struct registers *registers, uint64_t instruction);
extern const char probe_landing[], probe_landing_called[], registers_landing[];

/* The probe that a thread is running, thread->probe: the innermost one where a handler probes too. */
struct running {
    uint64_t at;
    uint64_t target; /* of a fetch, 0 for the others */
    const char *landing;
    struct outcome outcome;
};

uint64_t probe_call(enum probe_kind kind, uint64_t a, uint64_t b)
{
    return probes[kind].function(a, b);
}

struct outcome probe(enum probe_kind kind, uint64_t a, uint64_t b)
{
    struct running *outer = thread_current->probe;
    struct running this = {
        .at = probe_address(kind), .target = kind == PROBE_fetch ? a : 0, .landing = probe_landing};
    uint64_t value;

    watchdog_progress();
    thread_current->probe = &this;
    value = probe_call(kind, a, b);
    thread_current->probe = outer;
    this.outcome.value = value;
    return this.outcome;
}

struct outcome probe_registers(enum probe_kind kind, struct registers *registers)
{
    struct running *outer = thread_current->probe;
    struct running this = {.at = probe_address(kind), .landing = registers_landing};

    watchdog_progress();
    thread_current->probe = &this;
    registers_enter(registers, this.at);
    thread_current->probe = outer;
    return this.outcome;
}

uint64_t probe_registers_landing(void)
{
    return (uintptr_t)registers_landing;
}

uint64_t probe_address(enum probe_kind kind)
{
    return (uintptr_t)probes[kind].at;
}

const char *probe_name(enum probe_kind kind)
{
    return probes[kind].name;
}

enum probe_kind probe_read_kind(unsigned bytes)
{
    return bytes == 1 ? PROBE_read1 : bytes == 2 ? PROBE_read2 : bytes == 4 ? PROBE_read4 : PROBE_read8;
}

enum probe_kind probe_write_kind(unsigned bytes)
{
    return bytes == 1 ? PROBE_write1 : bytes == 2 ? PROBE_write2 : bytes == 4 ? PROBE_write4 : PROBE_write8;
}

/* What no instruction causes by itself: it may land on a probe, and is not the probe's. */
static bool can_be_planned(uint64_t vector)
{
    return vector < 32 && vector != X86_VEC_NMI && vector != X86_VEC_DF && vector != X86_VEC_MC;
}

bool probe_take(struct trap_frame *frame)
{
    struct running *r = thread_current->probe;
    const char *landing;

    if (!r || trap_from_user(frame) || !can_be_planned(frame->vector))
        return false;
    landing = r->landing;
    if (r->target && frame->rip == r->target)
        landing = probe_landing_called;
    else if (frame->rip != r->at)
        return false;
    outcome_record(&r->outcome, frame);
    frame->rip = (uintptr_t)landing;
    return true;
}

void probe_forget(void)
{
    thread_current->probe = NULL;
}
