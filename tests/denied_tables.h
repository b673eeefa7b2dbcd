#pragma once
/* Descriptor tables on pages with a key: the processor reads them under the interrupted context's rights. */

#include "test.h"

enum denied_table { TABLE_GDT, TABLE_IDT, TABLE_TSS };

/*
 * Moves one table to a page with a key that the default rights leave readable, and makes the processor use
 * it. The key, or 0 with a test_error().
 */
unsigned table_move(enum denied_table table);

/* Where it stands then. */
uint64_t table_address(void);

/* Back to the kernel's own. */
void table_restore(enum denied_table table, unsigned key);

/* Three events that read different tables: at CPL 0 on the current stack the IDT and the GDT, on an IST stack
 * or from CPL 3 the TSS as well. The fault, as the kernel has seen it. */
fault_t table_event_plain(void);
fault_t table_event_ist(void);
fault_t table_event_user(void);
