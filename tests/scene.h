#pragma once
/* Threads on all processors, at everything that a thread can be at, when a key changes its rights for
 * everybody. */

#include "keyed.h"

#define SCENE_KEY 1u

struct change {
    const char *name;
    enum pks_rights before, after;                 /* of the threads, and of handlers that take rights */
    enum pks_rights default_before, default_after; /* of handlers, and new threads */
    bool (*change)(struct keyed *keyed);           /* in one of the threads; false: it failed */
};

/* Plays it several times, with other parts for the threads and another moment each time. The key is
 * SCENE_KEY, which is allocated and mapped, unless its default is to be another one: then it has no owner
 * yet. */
void scene_play(const struct change *change);
