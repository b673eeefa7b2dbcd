#include "threads.h"

#include "time.h"

#define PATIENCE_US    15000000u
#define PATIENCE_POLLS 2000000000u /* where there is no clock */

struct thread *start_on(unsigned number, bool pinned, void (*function)(void *), void *argument)
{
    struct thread *thread = thread_create_on("test", function, argument, number, pinned);

    REQUIRE(thread);
    return thread;
}

static void breathe(void)
{
    uint64_t flags = irq_save();

    smp_answer();
    irq_restore(flags);
    spin_pause();
}

bool await_count(const unsigned *count, unsigned want, const char *what)
{
    uint64_t begin = time_us();

    for (unsigned polls = 0; count_now(count) < want; polls++) {
        if (begin ? time_us() - begin > PATIENCE_US : polls > PATIENCE_POLLS) {
            test_fail("waited in vain for %s: %u of %u", what, count_now(count), want);
            return false;
        }
        test_alive();
        breathe();
    }
    return true;
}

/* The outermost frame is that of the call itself, or what the call found where the processor waited. */
static void look(void *pkrs)
{
    const struct frame_link *link = thread_current->frames;

    while (link->outer)
        link = link->outer;
    *(uint32_t *)pkrs = (uint32_t)link->frame->pkrs;
}

uint32_t pkrs_elsewhere(unsigned number)
{
    uint32_t pkrs = pks_copy;

    if (number != cpu_number())
        smp_call(number, look, &pkrs);
    return pkrs;
}

void expect_faults(const struct keyed *keyed, enum pks_rights rights, const char *about)
{
    fault_t read = probe(PROBE_read8, keyed->va, 0).fault;
    fault_t write = probe(PROBE_write8, keyed->va, 0).fault;

    expect_equal(read, rights == PKS_NOACCESS ? FAULT_KEY_READ : FAULT_NONE, "fault of a read, %s", about);
    expect_equal(write, rights == PKS_READWRITE ? FAULT_NONE : FAULT_KEY_WRITE, "fault of a write, %s",
                 about);
}

void end_of(struct thread *thread, const char *about)
{
    if (thread)
        expect_equal(thread_join(thread, NULL), THREAD_RETURNED, "end of %s", about);
}
