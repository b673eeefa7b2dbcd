#pragma once
/* Which tests there are, in which order, and which of them a command line selects. */

#include "args.h"
#include "testcase.h"

#include <stdbool.h>

#define SUITE_ID_SIZE 65
#define SUITE_MAX     1024

/* One test under one paging mode: a line of the plan. */
struct suite_item {
    const struct test *test;
    unsigned levels;
    char id[SUITE_ID_SIZE];
};

struct suite {
    unsigned count;
    struct suite_item item[SUITE_MAX];
};

/*
 * Lists all tests of the image, 4-level ones first, and returns the CRC-32 of their ids, sorted and joined by
 * LF. Ends the run through refuse() on an id that breaks the rules for ids. Call once.
 */
uint32_t suite_build(void);

/* The tests that a command line selects, in running order. Call once, after suite_build(). */
const struct suite *suite_select(const struct args *args);
