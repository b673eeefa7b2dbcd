#pragma once
/* One function on several processors at the same moment, for SMP_TEST()s. */

#include <stdbool.h>

/*
 * Runs function(index, argument) on processors 0 to count-1, or on those that `numbers` lists, each of which
 * gets its place in the list as the index; with interrupts on and the default rights. Returns when all have
 * done it; true if none of them broke, that is, ended with an unplanned exception, which is a test_error()
 * and costs that processor its part only. Context: the test itself, that is, the first thread; not nested.
 */
typedef void together_function(unsigned index, void *argument);
bool together(unsigned count, together_function *function, void *argument);
bool together_on(const unsigned *numbers, unsigned count, together_function *function, void *argument);

/*
 * Waits until every participant has called it as often; true if all came. False from then on, on all of them,
 * where one broke, or has returned already: then return. Context: the function itself, with interrupts on.
 */
bool together_barrier(void);
