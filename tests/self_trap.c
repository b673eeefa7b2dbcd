/*
 * The entry stubs. A fault must change nothing that the interrupted code can see: fifteen general registers,
 * the stack and the flags, whatever the handler does meanwhile, a fault of its own included. An exception
 * that nobody planned must be reported in words and abandon its test only.
 */
#include "desc.h"
#include "escape.h"
#include "target.h"

#define REGISTERS 15
#define FLAGS                                                                                                \
    (X86_EFLAGS_CF | X86_EFLAGS_PF | X86_EFLAGS_AF | X86_EFLAGS_ZF | X86_EFLAGS_SF | X86_EFLAGS_DF |         \
     X86_EFLAGS_OF)

/* tests/sentinels.asm: sets every register and the flags, runs INT3, stores both; names in the stored order
 */
void sentinels_int3(uint64_t flags, uint64_t *stored, uint64_t *stored_flags);
extern const uint64_t sentinels[REGISTERS];

static const char *const register_name[REGISTERS] = {"rax", "rcx", "rdx", "rbx", "rbp", "rsi", "rdi", "r8",
                                                     "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};

static unsigned handled;
static struct outcome inner;

static bool handle_quietly(struct trap_frame *frame)
{
    (void)frame;
    handled++;
    return true;
}

static bool handle_with_a_fault(struct trap_frame *frame)
{
    (void)frame;
    handled++;
    inner = probe(PROBE_write8, window_address(WINDOW_HIGH, 5), 1);
    return true;
}

/* Turns every bit of every register in the frame over. */
static bool handle_by_editing(struct trap_frame *frame)
{
    uint64_t *registers[REGISTERS] = {&frame->rax, &frame->rcx, &frame->rdx, &frame->rbx, &frame->rbp,
                                      &frame->rsi, &frame->rdi, &frame->r8,  &frame->r9,  &frame->r10,
                                      &frame->r11, &frame->r12, &frame->r13, &frame->r14, &frame->r15};

    for (unsigned i = 0; i < REGISTERS; i++)
        *registers[i] = ~*registers[i];
    handled++;
    return true;
}

static void check_registers(trap_handler *handler, uint64_t change)
{
    uint64_t stored[REGISTERS];
    uint64_t flags;

    handled = 0;
    trap_set_handler(X86_VEC_BP, handler);
    for (unsigned round = 0; round < 2; round++) {
        uint64_t want = X86_EFLAGS_FIXED | (round ? FLAGS : 0);

        sentinels_int3(want, stored, &flags);
        for (unsigned i = 0; i < REGISTERS; i++)
            expect_equal(stored[i], sentinels[i] ^ change, "%s after INT3", register_name[i]);
        expect_equal(flags, want, "rflags after INT3");
    }
    expect_equal(handled, 2, "INT3 handled");
    trap_set_handler(X86_VEC_BP, NULL);
}

TEST(self_registers, "Registers and flags survive an exception")
{
    check_registers(handle_quietly, 0);
}

TEST(self_frame_edit, "What a handler writes into the frame is what the interrupted code finds")
{
    check_registers(handle_by_editing, ~0ull);
}

TEST(self_nested_fault,
     "A fault inside a handler is a probe's like any other, and the outer context survives it")
{
    check_registers(handle_with_a_fault, 0);
    expect_outcome(&inner, PROBE_write8, FAULT_PF(X86_PF_W), window_address(WINDOW_HIGH, 5),
                   "inside a handler");
}

TEST(self_vectors, "Every vector from 32 to 255 arrives as itself when raised by INT n")
{
    /* INT n is encoded with its vector, so the code is made here: CD n C3 for each, 4 bytes apart. On a page
     * of its own, because an emulator slows down every later write to a page that code has run from. */
    static uint8_t code[X86_PAGE_SIZE / 4][4] __attribute__((aligned(X86_PAGE_SIZE)));
    uint64_t va = window_address(WINDOW_LOW, 4);

    REQUIRE(page_map(space_current(), va, LEVEL_4K, (struct entry){.address = (uintptr_t)code}) == MAP_OK);
    for (unsigned vector = 32; vector < X86_VECTORS; vector++) {
        const uint8_t bytes[4] = {0xcd, (uint8_t)vector, 0xc3, 0xc3};
        unsigned before = handled;

        for (unsigned i = 0; i < sizeof(bytes); i++)
            code[vector][i] = bytes[i];
        trap_set_handler(vector, handle_quietly);
        ((void (*)(void))(va + sizeof(bytes) * vector))();
        trap_set_handler(vector, NULL);
        expect_equal(handled - before, 1, "vector %u", vector);
    }
}

static void break_down(void *unused)
{
    (void)unused;
    __asm__ volatile("ud2");
}

ONCE_TEST(self_unplanned, "An exception that nobody planned is reported in words and abandons only what ran")
{
    struct escape outer = escape_test;
    bool abandoned;

    test_note("the report that follows is wanted: self_unplanned runs UD2");
    abandoned = escape_call(&escape_test, break_down, NULL);
    escape_test = outer;
    expect_equal(abandoned, true, "abandoned");
}

static void probe_beside(void *va)
{
    (void)probe(PROBE_fetch, (uintptr_t)va, 0);
}

TEST(self_unplanned_probe,
     "An exception of another instruction than the probe's is not taken for the probe's")
{
    static const uint8_t code[] = {0x90, 0x0f, 0x0b}; /* NOP, UD2 */
    struct escape outer = escape_test;
    struct target t;
    bool abandoned;

    if (!target_map(&t, LEVEL_4K, WINDOW_LOW, 3, (struct entry){.writable = true}))
        return;
    for (unsigned i = 0; i < sizeof(code); i++)
        ((volatile uint8_t *)t.alias)[i] = code[i];
    test_note("the report that follows is wanted: self_unplanned_probe runs UD2 behind a probe's target");
    abandoned = escape_call(&escape_test, probe_beside, (void *)t.va);
    escape_test = outer;
    probe_forget();
    expect_equal(abandoned, true, "abandoned");
}
