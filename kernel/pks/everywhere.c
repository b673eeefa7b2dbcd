#include "internal.h"
#include "thread.h"

struct change {
    unsigned key;
    enum pks_rights rights;
};

static void change_thread(struct thread *thread, void *argument)
{
    const struct change *c = argument;

    thread->pkrs = pkr_set(thread->pkrs, c->key, c->rights);
    for (struct frame_link *link = thread->frames; link; link = link->outer)
        link->frame->pkrs = pkr_set((uint32_t)link->frame->pkrs, c->key, c->rights);
}

void pks_rights_everywhere(unsigned key, enum pks_rights rights)
{
    struct change change = {key, rights};

    pks_default = pkr_set(pks_default, key, rights);
    thread_each(change_thread, &change);
    pkrs_write(pkr_set(pks_copy, key, rights));
}
