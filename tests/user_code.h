#pragma once
/* Where the programs of kernel/user.h stand: a user page in a slot that no other mapping of the tests uses.
 */

#include "user.h"

#include <stdint.h>

/* The window of user pages: that of the tests' supervisor pages may be supervisor from its top entry on. */
#define USER_WINDOW 1

/* Maps it; returns its address, or 0 with a test_error(). Mapped until the test ends. */
uint64_t user_code_map(void);

/* user_probe() on that page. */
struct outcome user_code_probe(enum user_kind kind, uint64_t code, uint64_t a, uint64_t b);
