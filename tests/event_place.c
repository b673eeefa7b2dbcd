#include "event_place.h"

#include "desc.h"
#include "frames.h"
#include "string.h"

#define LOWEST       0x70000000ull
#define HIGHEST      0xf0000000ull
#define STEP         0x200000ull
#define USER_STACK   0x1000u
#define KERNEL_STACK 0x2000u
#define SIZE         0x8000u /* memory: programs, one page of stack, six pages of stack */
#define PRESENT_BIT  (1ull << 47)
#define CODE32_USER  0x00cffb000000ffffull

_Static_assert(SIZE == X86_EVENT_ABSENT, "not mapped");

static uint64_t memory, base;

uint64_t event_address(const char *label)
{
    return base + (uint64_t)(label - event_code);
}

void *event_copy(const char *label)
{
    return (uint8_t *)frame_pointer(memory) + (label - event_code);
}

const struct event_mode_of *event_place_mode(enum event_mode mode)
{
    static const struct event_mode_of modes[EVENT_MODES] = {
        [EVENT_KERNEL] = {"cpl 0", X86_SEG_CODE64, X86_SEG_DATA, false},
        [EVENT_USER] = {"cpl 3", X86_SEG_USER_CODE64 | X86_SEG_RPL_USER, X86_SEG_USER_DATA | X86_SEG_RPL_USER,
                        false},
        [EVENT_KERNEL32] = {"cpl 0, compatibility mode", X86_SEG_CODE32, X86_SEG_DATA, true},
        [EVENT_USER32] = {"cpl 3, compatibility mode",
                          X86_EVENT_LDT_CODE32 | X86_SEG_TI_LDT | X86_SEG_RPL_USER,
                          X86_SEG_USER_DATA | X86_SEG_RPL_USER, true},
    };

    return &modes[mode];
}

uint64_t event_place_user_stack(void)
{
    return base + KERNEL_STACK - 64;
}

uint64_t event_place_kernel_stack(void)
{
    return base + SIZE - 64;
}

/* The first place that nothing is mapped at; one that a broken test has left is taken down. */
static bool find(void)
{
    struct page_found page;

    for (uint64_t offset = 0; base && offset <= X86_EVENT_KEYED; offset += X86_PAGE_SIZE)
        page_unmap(space_current(), base + offset);
    for (base = LOWEST; base < HIGHEST; base += STEP)
        if (!page_find(base, &page))
            return true;
    return false;
}

static void load_ldt(void)
{
    static uint64_t ldt[X86_EVENT_LDT_SIZE / 8];
    const uint64_t user = SEGMENT_DATA_USER & ~PRESENT_BIT;

    ldt[X86_EVENT_LDT_DATA / 8] = user;
    ldt[X86_EVENT_LDT_STACK3 / 8] = user;
    ldt[X86_EVENT_LDT_STACK0 / 8] = user & ~SEGMENT_DPL_USER;
    ldt[X86_EVENT_LDT_CODE32 / 8] = CODE32_USER;
    ldt_load((uintptr_t)ldt, sizeof(ldt) - 1);
}

bool event_place_map(void)
{
    if (!memory)
        memory = frame_run_alloc(SIZE);
    if (!memory || !find()) {
        test_error("no place for the programs of events");
        return false;
    }
    memset(frame_pointer(memory), 0, SIZE);
    memcpy(frame_pointer(memory), event_code, (size_t)(event_code_end - event_code));
    for (uint64_t offset = 0; offset < SIZE; offset += X86_PAGE_SIZE) {
        struct entry page = {.address = memory + offset, .user = offset < KERNEL_STACK, .writable = offset};

        REQUIRE(page_map(space_current(), base + offset, LEVEL_4K, page) == MAP_OK);
    }
    load_ldt();
    return true;
}

bool event_place_key(unsigned key)
{
    struct entry page = PAGE_KERNEL_PKEY(key);

    page.address = memory;
    return pks_page_map(base + X86_EVENT_KEYED, LEVEL_4K, page, NULL) == PKS_OK;
}

void event_place_unmap(void)
{
    pks_page_unmap(base + X86_EVENT_KEYED);
    for (uint64_t offset = 0; offset < SIZE; offset += X86_PAGE_SIZE)
        page_unmap(space_current(), base + offset);
    ldt_load(0, 0);
}
