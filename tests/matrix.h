#pragma once
/* The matrix: every legal case of a slice of the state space, asked of the machine and compared with the
 * oracle. */

#include "pks/space.h"
#include "test.h"

/*
 * Which accesses a test makes: MANY takes the cases in which several things deny, LOCKED any, the others
 * those in which one thing denies at most.
 */
enum matrix_family { MATRIX_DATA, MATRIX_FETCH, MATRIX_RING, MATRIX_USER, MATRIX_LOCKED, MATRIX_MANY };

/* Runs one slice and says everything about it: failures, signatures, reproducers, the "# @ matrix" line. */
void matrix_run(unsigned leaf, unsigned us, enum matrix_family family);

/* What was seen of one case next to what the oracle said; `wrong` names the first difference, or is NULL. */
struct matrix_sight {
    fault_t want, got;
    const char *wrong;
    uint64_t va; /* that was accessed */
};

/* ---- tests/matrix_pages.c, matrix_control.c, matrix_look.c: the machine of a running matrix, for one
 * processor */

struct matrix_worker;

/*
 * Changing a control register or PKRS costs more than an access, most of all where it drops every
 * translation. So several walks are mapped at once, each as a strip with a page for each kind of access.
 */
#define MATRIX_STRIPS 8

/* Maps the strips for a leaf level on this processor and takes over #PF; NULL, with a test_error(), without
 * memory. One at a time. */
struct matrix_worker *matrix_open(unsigned leaf_level);
void matrix_close(struct matrix_worker *w);

/* Moves the kernel to a key, which the state's PKRS has to leave open, and sets the whole control state. */
void matrix_set_control(struct matrix_worker *w, unsigned kernel_key, const struct pks_state *state);

/* Makes the entries of one strip's walk those of a case, lane 0 first; matrix_reset() and matrix_flush() have
 * to follow. */
void matrix_set_walk(struct matrix_worker *w, unsigned lane, const struct pks_case *c,
                     const struct pks_layout *layout);

/* True if this processor has a reserved bit wherever the layout wants one; MAXPHYADDR = 52 leaves few. */
bool matrix_can_reserve(const struct pks_layout *layout);

/* Where a strip's page for a kind is probed, and the same eight bytes on the kernel's own key. */
uint64_t matrix_address(const struct matrix_worker *w, unsigned lane, unsigned kind);
volatile uint64_t *matrix_memory(const struct matrix_worker *w, unsigned kind);

/* Makes PKRS, PKRU, CR0.WP and EFLAGS.AC those of a state that differs in nothing else. Flushes nothing. */
void matrix_turn(struct matrix_worker *w, const struct pks_state *state);

/* Puts the leaf of the page for a kind into memory, with A and D clear. */
void matrix_reset(struct matrix_worker *w, unsigned lane, unsigned kind);

/* Drops every translation of all strips, global or not. */
void matrix_flush(struct matrix_worker *w);

/* One access whose outcome nobody asks for: it fills a translation. */
void matrix_fill(struct matrix_worker *w, unsigned lane, unsigned cpl, unsigned kind);

/* One access, and the comparison of everything: fault, CR2, count, value, memory, A and D. */
struct matrix_sight matrix_look(struct matrix_worker *w, unsigned lane, unsigned cpl, unsigned kind,
                                fault_t want, bool cold);

/* ---- tests/matrix_slice.c */

/*
 * Runs exactly one case on this processor, filled as it says, and calls look() (may be NULL) while its pages
 * still stand. False if it is not legal here.
 */
bool matrix_single(const struct pks_case *c, struct matrix_sight *seen,
                   void (*look)(const struct matrix_sight *));

/* ---- tests/matrix_report.c: failures by signature */

/* Forgets all that failed before. */
void matrix_report_begin(void);

/* Notes a failure; on any processor. */
void matrix_failed(const struct pks_case *c, const struct matrix_sight *seen);

/* Fails the test with the first cases of each signature, in the order of the axes, whichever processor met
 * them and when; shrinks the first one and counts the rest. */
void matrix_report(void);

/* ---- tests/matrix_heat.c */

/* Prints "# @ heat" lines about all tests of the matrix since the last time, and forgets them. */
void matrix_heat_print(void);
