#pragma once
/*
 * One event by its real cause, and the comparison of everything PKRS has to do with it.
 *
 * A program of tests/event_code.asm is started with chosen general registers, flags and rights by rewriting
 * the frame of a software interrupt (or of an NMI), and ends with another one, so the entry and exit path
 * that is under test is also what starts it. In the event's handler: the default rights in the register and
 * in the copy, a closed key denied, and a frame with the program's own values. At the end: the same values
 * again, in the registers. Rights are all open, all closed, and random.
 */

#include "keyed.h"

enum event_mode { EVENT_KERNEL, EVENT_USER, EVENT_KERNEL32, EVENT_USER32, EVENT_MODES };
#define EVENT_64   (1u << EVENT_KERNEL | 1u << EVENT_USER)
#define EVENT_32   (1u << EVENT_KERNEL32 | 1u << EVENT_USER32)
#define EVENT_CPL0 (1u << EVENT_KERNEL)
#define EVENT_CPL3 (1u << EVENT_USER)

struct event {
    const char *about;
    const char *start, *at, *next; /* in event_code; start NULL: at */
    unsigned vector;
    unsigned modes; /* a bit for each enum event_mode */
    uint64_t code;
    uint64_t code_user;                        /* further bits at CPL 3 */
    uint64_t flags;                            /* further flags of the program */
    bool trap;                                 /* the frame's RIP is `next`, otherwise `at` */
    bool rip_open;                             /* the manual leaves it open */
    bool denied;                               /* the key has to be closed in the program */
    bool clobbers;                             /* RCX and R11: SYSCALL */
    void (*set_up)(const struct event *event); /* before the program starts */
    void (*pending)(void);                     /* in the frame that starts it, with interrupts off */
    void (*undo)(void);                        /* first thing in the handler */
    trap_handler *debug;                       /* of #DB, where that is not the event */
    bool one_stack;                            /* not on another one than the vector has */
    bool by_nmi;                               /* started by an NMI: further ones wait for the program */
    bool by_apic;                              /* apic_set_handler() takes it */
};

/* Runs it in each of its modes, on the stack its vector has and on another one, with several rights. Fails
 * the test where the machine does not raise it. */
void event_check(const struct event *event);

/* The same in parts, for a test with many events. */
bool event_open(void);
void event_run_all(const struct event *event);
void event_close(void);

/* For whoever takes the event from elsewhere than trap_set_handler(). */
bool event_take(struct trap_frame *frame);

/* The frame the program starts from. */
const struct trap_frame *event_program(void);

/* Where the copy of a label stands, and the copy itself. */
uint64_t event_address(const char *label);
void *event_copy(const char *label);

extern const char event_code[], event_code_end[];
#define EVENT_LABELS(name) extern const char event_at_##name[], event_next_##name[]

/* The label pair of a row. */
#define EVENT_PLACE(name) .at = event_at_##name, .next = event_next_##name
