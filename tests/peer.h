#pragma once
/* Another thread that sets its rights for a key and then does nothing but give up the processor. */

#include "test.h"

struct thread;

struct peer {
    struct thread *thread;
    unsigned key;
    enum pks_rights rights;
    volatile bool stop;
};

/* Starts it and lets it set its rights. It uses *peer until peer_stop(). */
void peer_start(struct peer *peer, unsigned key, enum pks_rights rights);
void peer_stop(struct peer *peer);
