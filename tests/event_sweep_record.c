#include "event_sweep_inner.h"

#include "exit.h"
#include "panic.h"
#include "string.h"
#include "symbols.h"

#define VISITS_MAX       0x4000u
#define INSTRUCTIONS_MAX 0x20000u

/* "NOP--No Operation", SDM volume 2, and the prefixes that make it longer */
#define NOP          0x90
#define TWO_BYTES    0x0f
#define LONG_NOP     0x1f
#define OPERAND_SIZE 0x66
#define CS_PREFIX    0x2e
#define CALL         0xe8

struct mark {
    bool of_path, visited, nmi;
    uint16_t times; /* on this way */
};

static struct mark marks[INSTRUCTIONS_MAX];
static struct sweep_visit visits[VISITS_MAX];
static unsigned visit_count, nmi_count, lost_count;

/* Of code that is there: where it is, as numbers of instructions. */
static bool place_code(const struct sweep_code *code, unsigned *first, unsigned *past)
{
    uint64_t start = code->start ? (uintptr_t)code->start : symbol_address(code->name);

    if (!code->start && symbols_named(code->name) > 1)
        test_error("%s is the name of several functions", code->name);
    if (!start)
        return false;
    *first = instruction_number(start);
    *past = instruction_number(code->end ? (uintptr_t)code->end : symbol_next(start));
    return true;
}

/* Padding, which may or may not be on the way. */
static bool is_nop(unsigned number)
{
    const uint8_t *code = (const uint8_t *)(uintptr_t)instruction_at(number);

    while (*code == OPERAND_SIZE || *code == CS_PREFIX)
        code++;
    return code[0] == NOP || (code[0] == TWO_BYTES && code[1] == LONG_NOP);
}

void sweep_record_begin(const struct sweep_path *path)
{
    unsigned number, past;

    REQUIRE(instruction_count < INSTRUCTIONS_MAX);
    for (unsigned i = 0; i < instruction_count; i++)
        marks[i] = (struct mark){0};
    nmi_count = lost_count = 0;
    for (const struct sweep_code *code = path->code; code->name; code++)
        if (place_code(code, &number, &past))
            while (number < past)
                marks[number++].of_path = true;
}

void sweep_record_way(void)
{
    visit_count = 0;
    for (unsigned i = 0; i < instruction_count; i++)
        marks[i].times = 0;
}

const struct sweep_visit *sweep_record(const struct trap_frame *frame)
{
    unsigned number = instruction_number(frame->rip);
    struct mark *mark = &marks[number];
    struct sweep_visit *visit = &visits[visit_count < VISITS_MAX ? visit_count : VISITS_MAX - 1];

    if (!mark->of_path)
        return NULL;
    REQUIRE(instruction_at(number) == frame->rip);
    mark->visited = true;
    *visit = (struct sweep_visit){frame->rip, {(uint32_t)frame->pkrs, thread_of(frame)}, ++mark->times};
    visit_count++;
    return visit;
}

void sweep_record_nmi(uint64_t rip)
{
    struct mark *mark = &marks[instruction_number(rip)];

    mark->visited = mark->nmi = true;
    nmi_count++;
}

void sweep_record_lost(void)
{
    lost_count++;
}

unsigned sweep_visits(void)
{
    REQUIRE(visit_count <= VISITS_MAX);
    return visit_count <= VISITS_MAX ? visit_count : VISITS_MAX;
}

const struct sweep_visit *sweep_visit(unsigned number)
{
    return &visits[number];
}

const char *sweep_place(uint64_t address, uint64_t *offset)
{
    const char *name = symbol_find(address, offset);

    return name ? name : "nowhere";
}

/* True if the instruction calls a function that ends the run, or reports what nobody planned. */
static bool ends(unsigned number)
{
    static const void *const functions[] = {(const void *)refuse, (const void *)leave,
                                            (const void *)panic_report};
    const uint8_t *code = (const uint8_t *)(uintptr_t)instruction_at(number);
    int32_t distance;
    bool any = false;

    if (*code != CALL)
        return false;
    memcpy(&distance, code + 1, sizeof(distance));
    for (unsigned i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
        any |= code + 1 + sizeof(distance) + distance == functions[i];
    return any;
}

/* The stretch from `number` on that was left out; the first one behind it. */
static unsigned left_out(unsigned number, unsigned past, const struct sweep_code *code, unsigned *excused)
{
    unsigned end = number;
    uint64_t offset;
    const char *name = sweep_place(instruction_at(number), &offset);
    const char *why = NULL;

    for (; end < past && !marks[end].visited && !is_nop(end); end++)
        if (ends(end))
            why = "it ends a test, or the run";
    if (!why && (*excused += end - number) <= code->except)
        why = code->why;
    if (why)
        test_note("sweep left_out=%u at=%s+0x%lx because=\"%s\"", end - number, name, offset, why);
    else
        test_fail("%u instructions at %s+0x%lx were left out", end - number, name, offset);
    return end;
}

static bool any_visited(unsigned number, unsigned past)
{
    while (number < past && !marks[number].visited)
        number++;
    return number < past;
}

void sweep_report(const struct sweep_path *path)
{
    unsigned number, past;
    unsigned of = 0;
    unsigned visited = 0;
    unsigned nmi = 0;

    for (const struct sweep_code *code = path->code; code->name; code++) {
        unsigned excused = 0;

        if (!place_code(code, &number, &past))
            continue;
        if (!code->start && !any_visited(number, past)) {
            test_note("sweep left_out=%u at=%s because=\"it is inlined into its callers\"", past - number,
                      code->name);
            continue;
        }
        while (number < past) {
            unsigned end = number + 1;

            if (!marks[number].visited && !is_nop(number))
                end = left_out(number, past, code, &excused);
            of += marks[number].visited || !is_nop(number) ? end - number : 0;
            visited += marks[number].visited;
            nmi += marks[number].nmi;
            number = end;
        }
    }
    test_note("sweep path=%s visited=%u of=%u nmi=%u nmi_runs=%u lost=%u", path->name, visited, of, nmi,
              nmi_count, lost_count);
}
