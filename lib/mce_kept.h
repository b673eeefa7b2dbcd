#pragma once
/* Banks that were read in a machine check, until they are told. */

#include "mce.h"

#define MCE_KEPT_MAX 16u

struct mce_kept {
    struct mce_bank bank[MCE_KEPT_MAX];
    unsigned count;
    unsigned left_out; /* found no place */
};

/* One caller at a time. It may have interrupted mce_tell(), or another processor may be in it: that takes no
 * lock. */
void mce_keep(struct mce_kept *kept, const struct mce_bank *bank);

/* Calls function(bank) for each bank that waits, in order, those that come meanwhile included, and forgets
 * them. */
void mce_tell(struct mce_kept *kept, void (*function)(const struct mce_bank *bank));

/* How many found no place since this was asked last. */
unsigned mce_left_out(struct mce_kept *kept);
