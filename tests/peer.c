#include "peer.h"

#include "thread.h"

static void yield_for_ever(void *argument)
{
    struct peer *peer = argument;

    irq_disable(); /* what is measured is the switch */
    pks_mk(peer->key, peer->rights);
    while (!peer->stop)
        thread_yield();
}

void peer_start(struct peer *peer, unsigned key, enum pks_rights rights)
{
    *peer = (struct peer){.key = key, .rights = rights};
    peer->thread = thread_create("peer", yield_for_ever, peer);
    REQUIRE(peer->thread);
    thread_yield();
}

void peer_stop(struct peer *peer)
{
    peer->stop = true;
    REQUIRE(thread_join(peer->thread, NULL) == THREAD_RETURNED);
}
