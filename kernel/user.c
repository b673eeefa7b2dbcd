#include "user.h"

#include "cpu.h"
#include "desc.h"
#include "escape.h"

#include <stddef.h>

extern const char trap_syscall[]; /* kernel/trap.asm */
_Noreturn void user_iret(uint64_t rip, uint64_t rsp, uint64_t a, uint64_t b);

#define USER_DECLARE(name) extern const char user_fn_##name[], user_at_##name[];
USER_PROBES(USER_DECLARE)

static const struct {
    const char *start;
    const char *at;
} programs[USER_KINDS] = {
#define USER_ROW(n) [USER_##n] = {.start = user_fn_##n, .at = user_at_##n},
    USER_PROBES(USER_ROW)};

struct program {
    enum user_kind kind;
    uint64_t code, stack, a, b;
    struct outcome outcome;
};

static void start(void *argument)
{
    const struct program *p = argument;

    user_iret(p->code + (uint64_t)(programs[p->kind].start - user_program), p->stack, p->a, p->b);
}

struct outcome user_probe(enum user_kind kind, uint64_t code, uint64_t stack, uint64_t a, uint64_t b)
{
    struct program program = {.kind = kind, .code = code, .stack = stack, .a = a, .b = b};

    this_cpu()->program = &program;
    idt_set_user(X86_VEC_USER_RETURN, true);
    escape_call(&escape_user, start, &program);
    idt_set_user(X86_VEC_USER_RETURN, false);
    this_cpu()->program = NULL;
    desc_reload_segments(); /* IRET to CPL 3 made DS and ES null, a program loaded FS */
    return program.outcome;
}

uint64_t user_probe_address(enum user_kind kind, uint64_t code)
{
    return code + (uint64_t)(programs[kind].at - user_program);
}

/* STAR: what SYSCALL loads into CS, with SS behind it; what SYSRET counts from, to SS and then to CS. */
#define STAR_SYSCALL ((uint64_t)X86_SEG_CODE64 << 32)
#define STAR_SYSRET  ((uint64_t)(X86_SEG_USER_DATA - 8) << 48)
_Static_assert(X86_SEG_DATA == X86_SEG_CODE64 + 8 && X86_SEG_USER_CODE64 == X86_SEG_USER_DATA + 8, "SYSCALL");

void user_set_syscall(bool allowed)
{
    msr_write(X86_MSR_STAR, STAR_SYSCALL | STAR_SYSRET);
    msr_write(X86_MSR_LSTAR, (uintptr_t)trap_syscall);
    msr_write(X86_MSR_FMASK, X86_EFLAGS_TF | X86_EFLAGS_IF | X86_EFLAGS_DF | X86_EFLAGS_NT | X86_EFLAGS_AC);
    msr_write(X86_MSR_EFER, with_bit(msr_read(X86_MSR_EFER), X86_EFER_SCE, allowed));
}

bool user_take(struct trap_frame *frame)
{
    struct program *p = this_cpu()->program;

    if (!p || !trap_from_user(frame))
        return false;
    if (frame->vector == X86_VEC_USER_RETURN) {
        p->outcome.value = frame->rax;
    } else {
        if (frame->rip != user_probe_address(p->kind, p->code))
            return false;
        outcome_record(&p->outcome, frame);
    }
    return escape_from(frame, &escape_user);
}

void user_forget(void)
{
    this_cpu()->program = NULL;
}
