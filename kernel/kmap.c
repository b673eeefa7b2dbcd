#include "kmap.h"

#include "cpu.h"
#include "exit.h"
#include "frames.h"
#include "pks/pks.h"
#include "stacks.h"

/* linker.ld; all page-aligned */
extern char text_start[], text_end[], rodata_start[], rodata_end[], data_start[], data_end[];

struct stack stacks[STACKS];

/* The image's pages, and the pool's: large ones, or small ones where there is less than 32 MiB. */
#define KERNEL_LEAVES_MAX 16384u

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

/* Leaf entries of the kernel's own pages in one space: found once, because a matrix moves them often. */
struct leaves {
    unsigned count;
    uint64_t *slot[KERNEL_LEAVES_MAX];
    bool xd[KERNEL_LEAVES_MAX]; /* as built */
};

static void find_leaves(struct leaves *leaves, const struct space *space, uint64_t page, uint64_t end)
{
    while (page < end) {
        unsigned level;
        uint64_t *slot = page_walk(space, page, LEVEL_4K, false, &level);

        if (*slot & X86_PTE_P) {
            if (leaves->count == KERNEL_LEAVES_MAX)
                refuse("memory: more than %u pages hold the kernel", KERNEL_LEAVES_MAX);
            leaves->slot[leaves->count] = slot;
            leaves->xd[leaves->count++] = *slot & X86_PTE_XD;
        }
        page += level_size(level);
    }
}

static struct leaves *kernel_leaves(const struct space *space)
{
    static struct leaves found[2];
    struct leaves *leaves = &found[space->levels == 5];

    if (!leaves->count) {
        find_leaves(leaves, space, (uintptr_t)text_start, (uintptr_t)data_end);
        for (unsigned i = 0; i < frames_pool()->count; i++)
            find_leaves(leaves, space, frames_pool()->range[i].start, frames_pool()->range[i].end);
    }
    return leaves;
}

bool kernel_set_key(unsigned key)
{
    static unsigned present_key;
    const struct space *space = space_current();
    struct leaves *leaves;

    if (key == present_key)
        return false;
    msr_write(X86_MSR_IA32_PKRS, 0); /* both keys are needed on the way */
    leaves = kernel_leaves(space);
    for (unsigned i = 0; i < leaves->count; i++) {
        uint64_t *slot = leaves->slot[i];

        *slot = (*slot & ~((uint64_t)X86_PTE_PKEY_MASK << X86_PTE_PKEY_BIT)) | (uint64_t)key
                                                                                   << X86_PTE_PKEY_BIT;
    }
    cr3_write(space->root);
    present_key = key;
    pks_default = pks_rights_for(key);
    msr_write(X86_MSR_IA32_PKRS, pks_default);
    return true;
}

void kernel_set_xd(bool on)
{
    const struct leaves *leaves = kernel_leaves(space_current());

    for (unsigned i = 0; i < leaves->count; i++)
        *leaves->slot[i] = (*leaves->slot[i] & ~X86_PTE_XD) | (on && leaves->xd[i] ? X86_PTE_XD : 0);
    cr3_write(space_current()->root);
}
