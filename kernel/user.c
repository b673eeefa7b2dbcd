#include "user.h"

#include "desc.h"
#include "escape.h"

_Noreturn void user_iret(uint64_t rip, uint64_t rsp, uint32_t selector);

static struct program {
    uint64_t code;
    uint64_t stack;
    uint16_t selector;
    struct outcome outcome;
} * running;

static void start(void *argument)
{
    struct program *program = argument;

    user_iret(program->code, program->stack, program->selector);
}

struct outcome user_load_fs(uint64_t code, uint64_t stack, uint16_t selector)
{
    struct program program = {.code = code, .stack = stack, .selector = selector};

    running = &program;
    idt_set_user(X86_VEC_USER_RETURN, true);
    escape_call(&escape_user, start, &program);
    idt_set_user(X86_VEC_USER_RETURN, false);
    running = 0;
    desc_reload_segments(); /* IRET to CPL 3 made DS and ES null, the program loaded FS */
    return program.outcome;
}

bool user_take(struct trap_frame *frame)
{
    struct program *p = running;

    if (!p || !trap_from_user(frame))
        return false;
    if (frame->vector != X86_VEC_USER_RETURN) {
        if (frame->rip != p->code + (uint64_t)(user_program_fault - user_program))
            return false;
        outcome_record(&p->outcome, frame);
    }
    return escape_from(frame, &escape_user);
}
