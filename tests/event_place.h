#pragma once
/* Where the programs of tests/event.h stand: below 4 GiB, so that compatibility mode reaches them, on a user
 * page that CPL 0 executes as well; each CPL has a stack there. An LDT holds what they load. */

#include "event.h"

/* Maps and fills it, and loads the LDT; false with a test_error(). */
bool event_place_map(void);

/* The page of X86_EVENT_KEYED gets a key: for pf_key. */
bool event_place_key(unsigned key);

void event_place_unmap(void);

/* What a mode is. */
struct event_mode_of {
    const char *about;
    uint16_t cs, ss;
    bool compat;
};
const struct event_mode_of *event_place_mode(enum event_mode mode);

uint64_t event_place_user_stack(void);
uint64_t event_place_kernel_stack(void);
