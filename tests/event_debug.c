/*
 * An NMI in the way out of a #DB. The stub of #DB clears DR7 first and loads it again before its IRET, so an
 * NMI behind that can meet a breakpoint while the #DB's frame is still on its stack: the second #DB must not
 * destroy the first one's frame (kernel/ist.h). Here an NMI comes at each instruction from the return of the
 * dispatcher to the IRET, and a breakpoint waits on the second instruction of the NMI's entry (Bochs does not
 * see one on the first).
 *
 * The way in cannot be visited like this: a breakpoint on an instruction before DR7 is clear would stop the
 * #DB that it causes, and the one that that causes.
 */
#include "apic.h"
#include "event_nmi.h"
#include "keyed.h"
#include "step.h"
#include "symbols.h"

#define CALL 0xe8

extern const char *const trap_ist_entry[], *const trap_ist_entered[],
                                               *const trap_ist_return[]; /* kernel/trap.asm */

enum { AT_TARGET, AT_NMI }; /* breakpoints */

static struct {
    uint64_t target;
    uint64_t arrival; /* of the NMI */
    uint32_t pkrs;    /* of the interrupted code */
    unsigned own, hits, nmis, entries;
} now;

static void raise(void *unused)
{
    (void)unused;
    __asm__ volatile("int %0" : : "i"(X86_VEC_DB));
}

static void check_inside(const char *event)
{
    expect_equal(pkrs_read_checked(event), PKRS_DEFAULT, "rights inside of %s", event);
}

static void visit(struct trap_frame *frame, void *unused)
{
    (void)unused;
    check_inside("#DB");
    if (frame->rip == now.target && !now.hits++) {
        step_stop(AT_TARGET);
        event_nmi_at_return();
    } else if (frame->rip == (uintptr_t)trap_ist_entered[X86_IST_NMI]) {
        now.entries++;
        step_stop(AT_NMI);
    } else {
        now.own++;
        if (now.target == (uintptr_t)trap_ist_return[X86_IST_DB])
            now.arrival = frame->rip; /* a #DB there does itself what that IRET was to do */
        expect_equal(frame->pkrs, now.pkrs, "frame of the INT");
        step_arm();
    }
}

static bool take_nmi(struct trap_frame *frame)
{
    check_inside("NMI");
    now.nmis += frame->rip == now.arrival;
    pkrs_write(0);
    return true;
}

static void run_with(uint64_t target)
{
    const void *const breakpoint[STEP_BREAKPOINTS] = {
        [AT_TARGET] = (const void *)target, [AT_NMI] = trap_ist_entered[X86_IST_NMI]};

    now.target = now.arrival = target;
    now.own = now.hits = now.nmis = now.entries = 0;
    step_at(raise, NULL, visit, NULL, breakpoint);
    expect_equal(now.own, 1, "at 0x%lx: #DB by INT", target);
    expect_equal(now.hits, 1, "at 0x%lx: breakpoints met", target);
    expect_equal(now.nmis, 1, "at 0x%lx: NMIs", target);
    expect_equal(now.entries, 1, "at 0x%lx: breakpoints in the NMI's entry", target);
    expect_equal(pkrs_read_checked("behind"), now.pkrs, "at 0x%lx: PKRS behind it all", target);
}

TEST(event_debug_nmi, "An NMI at each instruction of a #DB's way out, with a breakpoint in its own way in")
{
    unsigned number = instruction_number((uintptr_t)trap_ist_entry[X86_IST_DB]);
    unsigned left_out = 0, visited = 0;
    int key;

    SKIP_UNLESS(cpu.pks, "no pks");
    SKIP_UNLESS(apic_open(), "no local APIC");
    key = pks_key_alloc("interrupted");
    REQUIRE(key > 0 && pks_mk_readwrite((unsigned)key) == PKS_OK);
    now.pkrs = pks_copy;
    trap_set_handler(X86_VEC_NMI, take_nmi);
    for (; *(const uint8_t *)(uintptr_t)instruction_at(number) != CALL; number++)
        left_out++;
    left_out++; /* the call itself */
    while (instruction_at(number++) != (uintptr_t)trap_ist_return[X86_IST_DB]) {
        run_with(instruction_at(number));
        visited++;
    }
    trap_set_handler(X86_VEC_NMI, NULL);
    REQUIRE(pks_mk_noaccess((unsigned)key) == PKS_OK && pks_key_free((unsigned)key) == PKS_OK);
    test_note("sweep left_out=%u at=trap_ist4 because=\"no breakpoint can be met on the way in\"", left_out);
    test_note("sweep path=debug visited=%u of=%u nmi=%u nmi_runs=%u", visited, visited + left_out, visited,
              visited);
}
