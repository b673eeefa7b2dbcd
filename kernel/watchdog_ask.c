#include "watchdog_ask.h"

#include "apic.h"
#include "cpu.h"
#include "smp.h"
#include "spin.h"
#include "time.h"

#define ANSWER_US 1000000u
#define TELL_US   10000000u /* 3 KiB at 9600 baud take three seconds */

enum { NOT_ASKED, ASKED, ASKED_TO_STAY, TELLS };

/* True when a processor is past one of these, `before`, in time. */
static bool gets_past(const unsigned *asked, unsigned before, uint64_t us)
{
    uint64_t start = time_us();

    while (__atomic_load_n(asked, __ATOMIC_ACQUIRE) == before) {
        if (time_us() - start > us)
            return false;
        spin_pause();
    }
    return true;
}

static void ask(unsigned number, void (*tell)(const struct trap_frame *), unsigned how)
{
    struct percpu *there = percpu_of(number);

    there->tell = tell;
    __atomic_store_n(&there->asked, how, __ATOMIC_RELEASE);
    if (number == cpu_number())
        apic_send_self_nmi();
    else
        apic_send(there->apic_id, X86_APIC_ICR_NMI);
}

enum answer watchdog_ask(unsigned number, void (*tell)(const struct trap_frame *), bool stay)
{
    const unsigned *asked = &percpu_of(number)->asked;
    unsigned how = stay && number != cpu_number() ? ASKED_TO_STAY : ASKED;

    ask(number, tell, how);
    if (!gets_past(asked, how, ANSWER_US))
        return ANSWER_NONE;
    return gets_past(asked, TELLS, TELL_US) ? ANSWER_DONE : ANSWER_UNFINISHED;
}

static void say_nothing(const struct trap_frame *frame)
{
    (void)frame;
}

void watchdog_halt(unsigned number)
{
    ask(number, say_nothing, ASKED_TO_STAY);
}

bool watchdog_answer(const struct trap_frame *frame)
{
    struct percpu *here = this_cpu();
    unsigned how = __atomic_load_n(&here->asked, __ATOMIC_ACQUIRE);

    if (how != ASKED && how != ASKED_TO_STAY)
        return false;
    __atomic_store_n(&here->asked, TELLS, __ATOMIC_RELEASE);
    here->tell(frame);
    __atomic_store_n(&here->asked, NOT_ASKED, __ATOMIC_RELEASE);
    if (how == ASKED_TO_STAY)
        cpu_halt_forever();
    return true;
}
