#include "event_denial.h"

#include "string.h"

#define PUSHED 48u /* at most: five words, and 8 bytes of alignment */
#define FLAGS  (X86_EFLAGS_FIXED | X86_EFLAGS_CF | X86_EFLAGS_SF | X86_EFLAGS_DF)
#define EXACT  (X86_EFLAGS_CF | X86_EFLAGS_SF | X86_EFLAGS_DF | X86_EFLAGS_OF | X86_EFLAGS_ZF)

void registers_enter(struct registers *registers, uint64_t instruction); /* kernel/probe_kinds.asm */

struct attempt attempt;
static bool trying; /* further faults are the kernel's own */

static void skip(struct trap_frame *frame)
{
    frame->rip = (uintptr_t)event_denied_next;
}

static bool on_event(struct trap_frame *frame)
{
    if (!trying)
        return false;
    attempt.events++;
    attempt.event = *frame;
    expect_equal(pkrs_read_checked("event"), pks_default, "PKRS in the event's handler");
    skip(frame);
    return true;
}

static bool on_fault(struct trap_frame *frame)
{
    if (!trying)
        return false;
    attempt.faults++;
    attempt.fault = *frame;
    expect_equal(pkrs_read_checked("#PF"), pks_default, "PKRS in #PF's handler");
    if (attempt.opens && attempt.faults == 1)
        REQUIRE(pks_update_exception(frame, attempt.keyed.key, PKS_READWRITE) == PKS_OK);
    else
        skip(frame);
    return true;
}

static bool on_double(struct trap_frame *frame)
{
    if (!trying)
        return false;
    attempt.doubles++;
    attempt.twice = *frame;
    expect_equal(pkrs_read_checked("#DF"), pks_default, "PKRS in #DF's handler");
    skip(frame);
    return true;
}

static void take(bool on)
{
    trap_set_handler(X86_VEC_EVENT_START, on ? on_event : NULL);
    trap_set_handler(X86_VEC_UD, on ? on_event : NULL);
    trap_set_handler(X86_VEC_PF, on ? on_fault : NULL);
    trap_set_handler(X86_VEC_DF, on ? on_double : NULL);
}

bool attempt_open(const char *name)
{
    int key = pks_key_alloc_default(name, PKS_READWRITE);

    struct entry above = {.address = target_memory() + X86_PAGE_SIZE, .writable = true};

    memset(&attempt, 0, sizeof(attempt));
    REQUIRE(key > 0);
    return key > 0 && keyed_map(&attempt.keyed, (unsigned)key, 0, LEVEL_4K) &&
           page_map(space_current(), attempt_page_end(), LEVEL_4K, above) == MAP_OK;
}

void attempt_close(void)
{
    page_unmap(space_current(), attempt_page_end());
    keyed_drop(&attempt.keyed);
}

uint64_t attempt_page_end(void)
{
    return (attempt.keyed.va | (X86_PAGE_SIZE - 1)) + 1;
}

void attempt_run(const char *at, uint64_t rsp, enum pks_rights rights)
{
    static uint8_t before[X86_PAGE_SIZE];
    uint8_t *page = (uint8_t *)((uintptr_t)attempt.keyed.alias & ~(uint64_t)(X86_PAGE_SIZE - 1));
    struct registers want, got;
    uint32_t denied;

    for (unsigned i = 0; i < REGISTER_WORDS; i++)
        want.word[i] = 0x8001020304050600 + i * 0x0101010101010101;
    want.rflags = FLAGS;
    want.rsp = rsp;
    got = want;
    memset(page, 0x5a, X86_PAGE_SIZE);
    memcpy(before, page, X86_PAGE_SIZE);
    attempt.events = attempt.faults = attempt.doubles = 0;

    pks_mk(attempt.keyed.key, rights);
    denied = pks_copy;
    take(true);
    trying = true;
    registers_enter(&got, (uintptr_t)at);
    trying = false;
    take(false);
    expect_equal(pkrs_read_checked("afterwards"),
                 attempt.opens && attempt.faults ? pkr_set(denied, attempt.keyed.key, 0) : denied,
                 "PKRS afterwards");
    pks_mk_readwrite(attempt.keyed.key);

    for (unsigned i = 0; i < REGISTER_WORDS; i++)
        if (&want.word[i] != &want.rflags)
            expect_equal(got.word[i], want.word[i], "register %u", i);
    expect_equal(got.rflags & EXACT, want.rflags & EXACT, "rflags");
    if (!attempt.opens)
        expect_equal(memcmp(page, before, X86_PAGE_SIZE), 0, "difference in the page");
}

void attempt_check_fault(const char *at, uint64_t rsp, uint64_t top, enum pks_rights rights)
{
    const struct trap_frame *f = &attempt.fault;

    expect_equal(attempt.faults, 1, "#PF");
    expect_equal(f->code, X86_PF_P | X86_PF_W | X86_PF_PK, "error code of the push");
    expect_equal(f->rip, (uintptr_t)at, "rip of the push");
    expect_equal(f->rsp, rsp, "rsp of the push");
    expect_equal(pkr_get((uint32_t)f->pkrs, attempt.keyed.key), rights, "rights in the frame of the push");
    if (f->cr2 >= top || f->cr2 < top - PUSHED)
        test_fail("cr2: want at most %u below 0x%lx got 0x%lx", PUSHED, top, f->cr2);
}
