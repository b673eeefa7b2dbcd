#pragma once
/* The machine's control state: what a test sets whole, and what it must leave as it was. */

#include "cpu.h"

/* The switches that decide an access. Fields that the processor lacks have to be false or 0. */
struct machine {
    bool wp, pks, pke, smep, smap;
    uint32_t pkrs;
    uint32_t pkru; /* written in any case where PKU exists */
};

/* The state between tests: WP on, PKS on where it exists, the default rights, everything else off. */
struct machine machine_normal(void);

/* Applies all of it at once. */
void machine_set(struct machine machine);

/* Everything that a test has to leave as it found it. */
struct machine_state {
    uint64_t cr0, cr3, cr4, efer;
    uint32_t pkrs, pkru;
    struct table_register gdtr, idtr;
    uint16_t ldtr, tr;
    uint64_t rflags; /* AC, DF and IF */
};

struct machine_state machine_read(void);

/* The name of the first register that differs ("cr4"), or NULL. */
const char *machine_difference(const struct machine_state *a, const struct machine_state *b);

/* Puts everything back, whatever state the machine is in. */
void machine_restore(const struct machine_state *state);
