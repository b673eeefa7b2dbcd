#include "kmap.h"

#include "exit.h"
#include "frames.h"
#include "stacks.h"

/* linker.ld; all page-aligned */
extern char text_start[], text_end[], rodata_start[], rodata_end[], data_start[], data_end[];

struct stack stacks[STACKS];

static void map(const struct space *space, uint64_t physical, unsigned level, struct entry rights)
{
    enum map_result result;

    rights.address = physical;
    result = page_map(space, physical, level, rights);
    if (result != MAP_OK)
        refuse("memory: the kernel's page at 0x%lx cannot be mapped (%d), %lu frames free", physical, result,
               frames_free());
}

static void map_pages(const struct space *space, const char *start, const char *end, struct entry rights)
{
    for (uint64_t page = (uintptr_t)start; page < (uintptr_t)end; page += X86_PAGE_SIZE)
        map(space, page, LEVEL_4K, rights);
}

static void map_pool(const struct space *space, struct mem_range range, struct entry rights)
{
    for (uint64_t page = range.start; page < range.end;) {
        bool large = page % level_size(LEVEL_2M) == 0 && range.end - page >= level_size(LEVEL_2M);
        unsigned level = large ? LEVEL_2M : LEVEL_4K;

        map(space, page, level, rights);
        page += level_size(level);
    }
}

static void build(struct space *space)
{
    struct entry code = {.writable = false};
    struct entry constants = {.execute_disable = true};
    struct entry data = {.execute_disable = true, .writable = true};

    map_pages(space, text_start, text_end, code);
    map_pages(space, rodata_start, rodata_end, constants);
    map_pages(space, data_start, data_end, data);
    for (unsigned i = 0; i < STACKS; i++)
        page_unmap(space, (uintptr_t)stacks[i].guard);
    for (unsigned i = 0; i < frames_pool()->count; i++)
        map_pool(space, frames_pool()->range[i], data);
}

const struct space *kernel_space(unsigned levels)
{
    /* In the image, so below 4 GiB: CR3 is loaded in 32-bit mode when the number of levels changes. */
    static uint64_t root[2][X86_TABLE_ENTRIES] __attribute__((aligned(X86_PAGE_SIZE)));
    static struct space space[2];
    struct space *s = &space[levels == 5];

    if (!s->levels) {
        *s = (struct space){.root = (uintptr_t)root[levels == 5], .levels = levels};
        build(s);
    }
    return s;
}
