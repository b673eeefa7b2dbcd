#pragma once
/* One probe at CPL 3: tiny programs on a user page of their own. */

#include "probe.h"

/*
 * name, operands a and b. load_fs loads selector a, an implicit descriptor access; read8 and write8 access
 * address a; in1 and out1 access port a, which the TSS's I/O permission bitmap has to allow.
 */
#define USER_PROBES(X)                                                                                       \
    X(load_fs)                                                                                               \
    X(read8)                                                                                                 \
    X(write8)                                                                                                \
    X(in1)                                                                                                   \
    X(out1)

#define USER_ENUM(name) USER_##name,
enum user_kind { USER_PROBES(USER_ENUM) USER_KINDS };

/*
 * Runs one of them at CPL 3 with the rights that are in force now, and reports like probe(). `code` is where
 * a copy of the programs stands, on a user page that may be executed, and `stack` the top of a user stack,
 * which the programs do not use.
 */
struct outcome user_probe(enum user_kind kind, uint64_t code, uint64_t stack, uint64_t a, uint64_t b);

/* The user address of the instruction that may fault. */
uint64_t user_probe_address(enum user_kind kind, uint64_t code);

static inline struct outcome user_load_fs(uint64_t code, uint64_t stack, uint16_t selector)
{
    return user_probe(USER_load_fs, code, stack, selector, 0);
}

/* Lets code at CPL 3 use SYSCALL, which then is an event with the vector X86_VEC_SYSCALL, or not. */
void user_set_syscall(bool allowed);

/* The programs, which have to be copied as a whole. */
extern const char user_program[], user_program_end[];

/* For the runner: forgets the program of a test that was abandoned. */
void user_forget(void);

/* For the trap path: if the frame is the running program's fault or end, abandons the program. */
bool user_take(struct trap_frame *frame);
