#pragma once
/* Between the files of this folder, and for the trap path. */

#include "pks.h"
#include "spin.h"

/* Guards the keys, their owners and the count of their mappings; and a mapping's key and its translations
 * with them. Whoever has it may take kernel/schedule.h's lock and call other processors. */
extern struct spin pks_lock;

/*
 * Gives a key the same rights in the default, in IA32_PKRS of this processor, in every thread that waits and
 * in every frame that is being handled by any thread. There is no other place: what a thread had open for the
 * key before is gone. Call with interrupts off.
 */
void pks_rights_everywhere(unsigned key, enum pks_rights rights);

/* True for key 0 and for allocated keys: what a mapping may carry. */
bool pks_key_usable(unsigned key);

/* A mapping that carries the key was made (1) or removed (-1). */
void pks_key_count(unsigned key, int change);

/* Frees every key whatever it tags; true if one was allocated. */
bool pks_key_forget_all(void);

/* True, and the words filled in, if the frame is a data access that PKRS denied. */
bool pks_fault_describe(const struct trap_frame *frame, struct pks_fault *fault);

/* One line with all of it. */
void pks_fault_report(const char *prefix, const struct pks_fault *fault);

/*
 * True if the frame may go on. The first asks the key's callback, the second the mode; the copy routine's
 * fix-up comes between the two. *why is set by a callback that broke its contract.
 */
bool pks_fault_callback(struct trap_frame *frame, const char **why);
bool pks_fault_relax(struct trap_frame *frame);
