#pragma once
/* Between the files of the sweep: the record of what was visited, the checks, the two passes. */

#include "event_sweep.h"

/* The nth time that one way comes to an instruction of the path; PKRS there, and whose. */
struct sweep_visit {
    uint64_t rip;
    struct sweep_value value;
    unsigned nth; /* from 1 */
};

/* ---- event_sweep_record.c: what was visited, against what there is */

/* Forgets everything; the visits of one way; those of both kinds at an instruction. */
void sweep_record_begin(const struct sweep_path *path);
void sweep_record_way(void);

/* Notes the interrupted instruction; NULL if it does not belong to the path. */
const struct sweep_visit *sweep_record(const struct trap_frame *frame);

/* Notes an NMI there; that a run was lost because of its breakpoint. */
void sweep_record_nmi(uint64_t rip);
void sweep_record_lost(void);

/* The visits of this way, in order. */
unsigned sweep_visits(void);
const struct sweep_visit *sweep_visit(unsigned number);

/* The function that holds an address. */
const char *sweep_place(uint64_t address, uint64_t *offset);

/* One line of counts, and a failure for each stretch that was left out. */
void sweep_report(const struct sweep_path *path);

/* ---- event_sweep_check.c: what has to hold in a handler, and behind a run */

extern const struct sweep_way *sweep_now; /* the way that is being swept */

/* Notes the first thing that was wrong in a run; behind the run it is told. */
void sweep_found(const struct trap_frame *frame, const char *what, uint64_t got, uint64_t want);
bool sweep_found_any(void);
void sweep_forget(void);

/* Rule 1, for the handler of this frame. */
void sweep_check_inside(const struct trap_frame *frame);

/* True if the interrupted context has that value. */
bool sweep_fits(const struct trap_frame *frame, const struct sweep_value *value);

/* The end of a run. */
void sweep_finish(const char *pass);

/* Calls the way's own function if this is where it wants to be met. */
void sweep_meet(const struct trap_frame *frame);

/* ---- event_sweep_event.c: events at one instruction */

/* For a #DB handler: an NMI at the visited instruction, that its frame shows. Behind the handler's return
 * sweep_expect_nmi() says whether exactly one has come, to exactly there. */
void sweep_send_nmi(const struct sweep_visit *visit);
void sweep_expect_nmi(void);

/* Around both passes of a way: the handlers of the events. */
void sweep_events_begin(void);
void sweep_events_end(void);

/* Runs the way again for every visit, with each kind of event; `preempt`: with a switch to another thread
 * too. */
void sweep_events(bool preempt);
