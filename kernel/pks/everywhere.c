#include "internal.h"
#include "thread.h"

struct change {
    unsigned key;
    enum pks_rights rights;
};

static void change_frames(const struct thread *thread, const struct change *c)
{
    for (struct frame_link *link = thread->frames; link; link = link->outer)
        link->frame->pkrs = pkr_set((uint32_t)link->frame->pkrs, c->key, c->rights);
}

static void change_waiting(struct thread *thread, void *argument)
{
    const struct change *c = argument;

    thread->pkrs = pkr_set(thread->pkrs, c->key, c->rights);
    change_frames(thread, c);
}

/* On each processor: its rights are in its register, and those it has interrupted in frames that it may leave
 * at any time, so nobody else can change them. */
static void change_running(void *argument)
{
    const struct change *c = argument;

    change_frames(thread_current, c);
    pkrs_write(pkr_set(pks_copy, c->key, c->rights));
}

void pks_rights_everywhere(unsigned key, enum pks_rights rights)
{
    struct change change = {key, rights};

    pks_default = pkr_set(pks_default, key, rights);
    thread_each(change_waiting, change_running, &change);
}
