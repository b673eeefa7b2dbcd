#pragma once
/*
 * How far a run has come, in a page of memory that a warm reset leaves alone, so that the boot after a death
 * can name the guilty test and go on. What a cold start or a firmware leaves in that page is never believed:
 * a journal counts only with its magic and its CRC, and with the build, the suite and the command line of the
 * boot that reads it. Pure: when the page is written is kernel/journal.c's.
 */

#include "memmap.h"
#include "tap.h"
#include "x86.h"

#include <stdbool.h>
#include <stdint.h>

#define JOURNAL_DEATHS_MAX 5u
#define JOURNAL_COPY_SIZE  128u

struct journal {
    char build[16]; /* 12 hex digits */
    uint32_t suite;
    uint32_t line;    /* CRC-32 of the command line */
    uint64_t seed;    /* equal for all tests of a run, whichever boot they run in */
    struct tap tap;   /* before the result of the running test */
    uint32_t writes;  /* counts, so that the newer of two copies is known */
    uint32_t boot;    /* of this run, from 1 */
    uint32_t deaths;  /* boots that ended before their time; those of armed death tests do not count */
    uint32_t running; /* number of the test that runs or has just ended, 0 where there is none */
    uint32_t planned; /* 1: the plan is printed, and in the checksum */
    uint32_t armed;   /* 1: the running test is meant to die, and about to */
};

/*
 * The page of the journal: the same one on every boot of an image on one memory map; 0 where there is none.
 * The last page of the 2 MiB that the image ends in. It costs the frame pool nothing, which takes memory by
 * 2 MiB, and what loads the image has to leave its surroundings free. Failing that the same page of a later
 * 2 MiB, from 32 to 128 MiB: far from both ends of memory, where firmware and loaders allocate.
 */
uint64_t journal_place(const struct memmap *usable, uint64_t image_end);

/*
 * Counts `writes` and writes one of the two copies in the page, by turns, so that a reset in the middle
 * leaves the other. Returns the JOURNAL_COPY_SIZE bytes that changed.
 */
uint8_t *journal_encode(struct journal *journal, uint8_t *page);

/* The newer of the whole copies in a page; false where there is none. */
bool journal_decode(const uint8_t *page, struct journal *out);

/* A journal of boot 1, without nonce or seed; and whether another one is of the same run. */
struct journal journal_begin(const char *build, uint32_t suite, const char *line);
bool journal_same_run(const struct journal *a, const struct journal *b);

/* The machine has started again: one boot more, and one death, unless an armed death test was running. */
void journal_next_boot(struct journal *journal);
