#pragma once
/* One probe at CPL 3: a tiny program on a user page of its own. */

#include "probe.h"

/*
 * Loads FS with the selector at CPL 3, with the rights that are in force now, and reports like probe(); rip
 * is the user address of the load. `code` is where a copy of the program stands, on a user page that may be
 * executed, and `stack` the top of a user stack, which the program itself does not use.
 */
struct outcome user_load_fs(uint64_t code, uint64_t stack, uint16_t selector);

/* The program; `user_program_fault` is the instruction that may fault. */
extern const char user_program[], user_program_fault[], user_program_end[];

/* For the trap path: if the frame is the running program's fault or end, abandons the program. */
bool user_take(struct trap_frame *frame);
