/*
 * Handlers on stacks of their own that never return: the thread ends, or the call that they interrupted is
 * abandoned. The stacks have to be whole again (kernel/ist.h, ist_settle()).
 */
#include "apic.h"
#include "desc.h"
#include "escape.h"
#include "ist.h"
#include "keyed.h"
#include "thread.h"

static void expect_tops(const char *when)
{
    for (enum stack_id id = STACK_DF; id < STACK_ENTRY; id++)
        expect_equal(ist_get(id), ist_top(id), "IST pointer %u, %s", id, when);
}

static void touch(void *memory)
{
    thread_current->may_die = true;
    *(volatile uint64_t *)memory = 1;
}

TEST(event_nest_abandon_thread,
     "A thread that ends in a #PF on a stack of its own leaves that stack to the next")
{
    struct keyed keyed;

    SKIP_UNLESS(cpu.pks, "no pks");
    if (!keyed_make(&keyed, "abandon", 0, LEVEL_4K))
        return;
    idt_set_stack(X86_VEC_PF, STACK_SPARE);
    for (unsigned i = 0; i < 6; i++) { /* more than a stack has slices */
        struct thread *thread = thread_create("dies", touch, (void *)keyed.va);

        if (!thread) {
            test_error("no thread");
            break;
        }
        expect_equal(thread_join(thread, NULL), THREAD_DIED, "end of thread %u", i);
        expect_tops("after a thread's end");
        keyed_expect(&keyed, PKS_NOACCESS, "whoever waited for it");
    }
    idt_set_stack(X86_VEC_PF, STACK_NONE);
    keyed_drop(&keyed);
}

static unsigned abandoned;

static bool leave(struct trap_frame *frame)
{
    return escape_from(frame, &escape_test);
}

static bool interrupt(struct trap_frame *frame)
{
    (void)frame;
    expect_equal(ist_get(STACK_NMI), ist_top(STACK_NMI) - X86_IST_SLICE, "IST pointer in the handler");
    __asm__ volatile("int %0" : : "i"(X86_VEC_EVENT_START) : "memory");
    return true;
}

static void be_interrupted(void *unused)
{
    (void)unused;
    apic_send_self_nmi();
}

TEST(event_nest_abandon_call,
     "A call that is abandoned from a handler in an NMI's handler leaves both stacks whole")
{
    struct escape outer = escape_test;

    SKIP_UNLESS(cpu.pks, "no pks");
    SKIP_UNLESS(apic_open(), "no apic");
    trap_set_handler(X86_VEC_NMI, interrupt);
    trap_set_handler(X86_VEC_EVENT_START, leave);
    idt_set_stack(X86_VEC_EVENT_START, STACK_SPARE);
    for (abandoned = 0; abandoned < 6;) {
        abandoned += escape_call(&escape_test, be_interrupted, NULL) ? 1 : 100;
        expect_tops("after a call was abandoned");
    }
    escape_test = outer;
    expect_equal(abandoned, 6, "calls abandoned");
    expect_equal(pkrs_read_checked("afterwards"), pks_default, "PKRS afterwards");
    idt_set_stack(X86_VEC_EVENT_START, STACK_NONE);
    trap_set_handler(X86_VEC_EVENT_START, NULL);
    trap_set_handler(X86_VEC_NMI, NULL);
}
