#pragma once
/* The protocol of one run: its lines, and the journal that lets the next boot go on where a death ended this
 * one. */

#include "suite.h"

/*
 * Prints LATCHKEY-BEGIN: of a new run, or of one that an earlier boot has left unfinished with the same
 * build, suite and command line; NULL for that where it is not known, because something has gone wrong before
 * it was. Does nothing when it was called before.
 */
void run_begin(const char *line);

/* Which boot of the run this is, from 1. */
unsigned run_boot(void);

/* 64 bits by chance, the same ones in all boots of a run. */
uint64_t run_seed(void);

/* The plan, unless an earlier boot has printed it; reason as for tap_plan(). */
void run_plan(unsigned tests, const char *reason);

/*
 * Says how far the run has come, and returns how many tests have their result. The test that the machine died
 * in gets its own here; it was right to die where it is a death test that was armed. Ends the run through
 * refuse() where the machine died again and again before the first test.
 */
unsigned run_go_on(const struct suite *suite);

/* So many deaths that the remaining tests are not tried. */
bool run_gave_up(void);

/* The next test starts; it is about to die and that is right; it has its result. */
void run_test(const struct suite_item *item);
void run_armed(void);
void run_result(const struct suite_item *item, enum verdict verdict, const char *reason);

/* For the watchdog, on any processor: the running test has its result, and the next boot goes on behind it.
 */
void run_timeout(const struct suite_item *item);

/* LATCHKEY-END; the verdict of the whole run. */
enum verdict run_end(void);
