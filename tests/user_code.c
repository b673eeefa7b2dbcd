#include "user_code.h"

#include "frames.h"
#include "string.h"
#include "test.h"

#define CODE_SLOT 40

uint64_t user_code_map(void)
{
    static uint64_t frame;
    struct entry page = {.user = true, .writable = true};
    uint64_t va = window_address_in(WINDOW_LOW, USER_WINDOW, CODE_SLOT);

    if (!frame)
        frame = frame_alloc();
    page.address = frame;
    if (!frame || page_map(space_current(), va, LEVEL_4K, page) != MAP_OK) {
        test_error("no page for the programs at CPL 3");
        return 0;
    }
    memcpy(frame_pointer(frame), user_program, (size_t)(user_program_end - user_program));
    return va;
}

struct outcome user_code_probe(enum user_kind kind, uint64_t code, uint64_t a, uint64_t b)
{
    return user_probe(kind, code, code + X86_PAGE_SIZE, a, b);
}
