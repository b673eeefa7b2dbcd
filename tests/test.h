#pragma once
/* The only header a test author includes. */

#include "cpu.h"
#include "fault.h"
#include "machine.h"
#include "pks/pks.h"
#include "probe.h"
#include "testcase.h"
#include "trap.h"
#include "window.h"

#include <stddef.h>

/* Ends the test as skipped, with the reason, unless the condition holds. */
#define SKIP_UNLESS(condition, reason)                                                                       \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            test_skip(reason);                                                                               \
            return;                                                                                          \
        }                                                                                                    \
    } while (0)

/* The machine is wrong unless the two values are equal; the words behind say about what. */
void expect_equal(uint64_t got, uint64_t want, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/*
 * The machine is wrong unless the probe ended as wanted, at its own instruction, with one fault at the most,
 * and (for #PF) with CR2 = cr2. For accesses to memory use access.h, which compares memory as well.
 */
void expect_outcome(const struct outcome *got, enum probe_kind kind, fault_t want, uint64_t cr2,
                    const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* We are wrong unless the condition holds: for what a test sets up itself. */
#define REQUIRE(condition)                                                                                   \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            test_error("%s:%d requires %s", __FILE__, __LINE__, #condition);                                 \
    } while (0)
