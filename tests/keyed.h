#pragma once
/* A page with a key of its own, made with the runtime's own calls and nothing else. */

#include "target.h"

struct keyed {
    unsigned key;
    uint64_t va;               /* eight bytes on the page, in the low half */
    volatile uint64_t *memory; /* the same bytes through the key */
    volatile uint64_t *alias;  /* and through the kernel's own mapping, on key 0 */
};

/* Allocates a key for `name` and maps a page of `level` with it in a slot of the windows; every slot has
 * memory of its own. False, with a test_error(), when that is not possible. */
bool keyed_make(struct keyed *keyed, const char *name, unsigned slot, unsigned level);

/* The same with a key that is there already, or key 0. */
bool keyed_map(struct keyed *keyed, unsigned key, unsigned slot, unsigned level);

/*
 * Takes U/S out of the top-level entry of an address, as a kernel's own part of the address space has it: the
 * page is supervisor by two entries. Pages that are so by their leaf alone are the subject of rights_* and
 * matrix_*; an emulator that is wrong about those must not hide everything else.
 */
void keyed_supervise(const struct space *space, uint64_t va);

/* Unmaps it and frees its key. */
void keyed_drop(struct keyed *keyed);

/* What a read or a write of the page does now, in the current thread: none, or the fault of its key. The
 * write puts back what was there. */
fault_t keyed_read(const struct keyed *keyed);
fault_t keyed_write(const struct keyed *keyed);

/* The two have to be what rights allow (PKS_NOACCESS and so on). */
void keyed_expect(const struct keyed *keyed, enum pks_rights rights, const char *about);

/* IA32_PKRS, which has to be equal to its software copy. */
uint32_t pkrs_read_checked(const char *about);

/* The faults of a key. */
#define FAULT_KEY_READ  FAULT_PF(X86_PF_P | X86_PF_PK)
#define FAULT_KEY_WRITE FAULT_PF(X86_PF_P | X86_PF_PK | X86_PF_W)
