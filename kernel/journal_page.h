#pragma once
/* The journal of the run in memory. No firmware variable, no byte of CMOS and no disk is ever written. */

#include "journal.h"

/* The physical page, 0 where the machine has no place for one: then nothing is kept. */
void journal_page_reserve(uint64_t physical);

uint64_t journal_page(void);

/* What the boot before has left, where it is whole. Context: on a space of the kernel, before the first test.
 */
bool journal_page_read(struct journal *out);

/* Writes the journal through to memory: it is there when this returns, whatever happens to the caches then.
 */
void journal_page_write(struct journal *journal);

/* The run has ended: the next boot starts another one. */
void journal_page_clear(void);
