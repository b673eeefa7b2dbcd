#include "kmap.h"

#include "cpu.h"
#include "exit.h"
#include "frames.h"
#include "pks/pks.h"
#include "stacks.h"

/* linker.ld; all page-aligned */
extern char text_start[], text_end[], rodata_start[], rodata_end[], data_start[], data_end[];

struct stack stacks[STACKS];
struct stack thread_stacks[THREADS_MAX];

#define KERNEL_RUNS_MAX 8192u

/* Devices stand in a part of the address space of their own that both numbers of levels have, 2 MiB pages
 * apart. */
#define DEVICE_AREA (1ull << 46)
#define DEVICES_MAX 16u

static struct device {
    uint64_t address;
    struct mem_range pages;
} devices[DEVICES_MAX];

static unsigned device_count;

static struct space spaces[2]; /* [0] of 4 levels, [1] of 5; levels = 0: not built yet */

static void map_at(const struct space *space, uint64_t address, uint64_t physical, unsigned level,
                   struct entry rights)
{
    enum map_result result;

    rights.address = physical;
    result = page_map(space, address, level, rights);
    if (result != MAP_OK)
        refuse("memory: the kernel's page at 0x%lx cannot be mapped (%d), %lu frames free", physical, result,
               frames_free());
}

static void map(const struct space *space, uint64_t physical, unsigned level, struct entry rights)
{
    map_at(space, physical, physical, level, rights);
}

static void map_pages(const struct space *space, const char *start, const char *end, struct entry rights)
{
    for (uint64_t page = (uintptr_t)start; page < (uintptr_t)end; page += X86_PAGE_SIZE)
        map(space, page, LEVEL_4K, rights);
}

/* Pages of physical memory at another address, large ones where both sides allow it. */
static void map_range(const struct space *space, uint64_t address, struct mem_range range,
                      struct entry rights)
{
    for (uint64_t page = range.start; page < range.end;) {
        bool large = (page | address) % level_size(LEVEL_2M) == 0 && range.end - page >= level_size(LEVEL_2M);
        unsigned level = large ? LEVEL_2M : LEVEL_4K;

        map_at(space, address, page, level, rights);
        address += level_size(level);
        page += level_size(level);
    }
}

static void map_device(const struct space *space, const struct device *device)
{
    struct entry registers = {.execute_disable = true, .writable = true, .uncached = true};

    map_range(space, device->address, device->pages, registers);
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
    for (unsigned i = 0; i < THREADS_MAX; i++)
        page_unmap(space, (uintptr_t)thread_stacks[i].guard);
    for (unsigned i = 0; i < frames_pool()->count; i++)
        map_range(space, frames_pool()->range[i].start, frames_pool()->range[i], data);
    for (unsigned i = 0; i < device_count; i++)
        map_device(space, &devices[i]);
    /* Supervisor twice over, in the first GiB: an emulator that overlooks the leaf's U/S must not take the
     * kernel's own pages for a user's, where PKRU would kill it (Bochs 3.1). Pages of tests lie under other
     * entries. */
    *page_walk(space, (uintptr_t)text_start, LEVEL_1G, false, NULL) &= ~(uint64_t)X86_PTE_US;
}

const struct space *kernel_space(unsigned levels)
{
    /* In the image, so below 4 GiB: CR3 is loaded in 32-bit mode when the number of levels changes. */
    static uint64_t root[2][X86_TABLE_ENTRIES] __attribute__((aligned(X86_PAGE_SIZE)));
    struct space *s = &spaces[levels == 5];

    if (!s->levels) {
        *s = (struct space){.root = (uintptr_t)root[levels == 5], .levels = levels};
        build(s);
    }
    return s;
}

void kernel_unmap(uint64_t page)
{
    for (unsigned levels = 4; levels <= (cpu.la57 ? 5 : 4); levels++) {
        if (!page_split(kernel_space(levels), page))
            refuse("memory: no frame is left to make a guard page at 0x%lx", page);
        page_unmap(kernel_space(levels), page);
    }
}

static bool overlap(struct mem_range a, uint64_t start, uint64_t end)
{
    return a.start < end && start < a.end;
}

static bool kernel_owns(struct mem_range range)
{
    bool owns = overlap(range, (uintptr_t)text_start, (uintptr_t)data_end);

    for (unsigned i = 0; i < frames_pool()->count; i++)
        owns |= overlap(range, frames_pool()->range[i].start, frames_pool()->range[i].end);
    return owns;
}

volatile void *kernel_map_device(uint64_t physical, uint64_t size)
{
    static uint64_t next = DEVICE_AREA;
    const uint64_t inside = X86_PAGE_SIZE - 1, large = level_size(LEVEL_2M);
    struct mem_range pages = {.start = physical & ~inside};
    struct device *device = &devices[device_count];

    if (size == 0 || physical >> cpu.physical_bits || size > (1ull << cpu.physical_bits) - physical)
        return NULL;
    pages.end = (physical + size + inside) & ~inside;
    if (kernel_owns(pages))
        return NULL;
    if (device_count++ == DEVICES_MAX)
        refuse("memory: more than %u devices to map", DEVICES_MAX);
    *device = (struct device){next + pages.start % large, pages};
    next = (device->address + (pages.end - pages.start) + large) & ~(large - 1);
    for (unsigned i = 0; i < 2; i++)
        if (spaces[i].levels)
            map_device(&spaces[i], device);
    return (volatile void *)(uintptr_t)(device->address + (physical - pages.start));
}

/* Leaf entries of the kernel's own pages in one space: found once, because a matrix moves them often. Guard
 * pages cut them into pieces, seven for each processor. */
struct leaves {
    unsigned count;
    struct run {
        uint64_t *slot; /* entries in a row, perhaps of several tables */
        uint32_t count;
        bool xd; /* as built */
    } run[KERNEL_RUNS_MAX];
};

static void add_leaf(struct leaves *leaves, uint64_t *slot)
{
    struct run *last = leaves->count ? &leaves->run[leaves->count - 1] : NULL;
    bool xd = *slot & X86_PTE_XD;

    if (last && slot == last->slot + last->count && xd == last->xd) {
        last->count++;
        return;
    }
    if (leaves->count == KERNEL_RUNS_MAX)
        refuse("memory: the kernel's pages are in more than %u pieces", KERNEL_RUNS_MAX);
    leaves->run[leaves->count++] = (struct run){slot, 1, xd};
}

static void find_leaves(struct leaves *leaves, const struct space *space, uint64_t page, uint64_t end)
{
    while (page < end) {
        unsigned level;
        uint64_t *slot = page_walk(space, page, LEVEL_4K, false, &level);

        if (*slot & X86_PTE_P)
            add_leaf(leaves, slot);
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
        for (unsigned i = 0; i < device_count; i++)
            find_leaves(leaves, space, devices[i].address,
                        devices[i].address + (devices[i].pages.end - devices[i].pages.start));
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
    pkrs_write(0); /* both keys are needed on the way */
    leaves = kernel_leaves(space);
    for (const struct run *run = leaves->run; run < leaves->run + leaves->count; run++)
        for (unsigned i = 0; i < run->count; i++)
            run->slot[i] = entry_with_key(run->slot[i], key);
    cr3_write(space->root);
    present_key = key;
    pks_default = pks_rights_for(key);
    pkrs_write(pks_default);
    return true;
}

void kernel_set_xd(bool on)
{
    const struct leaves *leaves = kernel_leaves(space_current());

    for (const struct run *run = leaves->run; run < leaves->run + leaves->count; run++)
        for (unsigned i = 0; i < run->count; i++)
            run->slot[i] = (run->slot[i] & ~X86_PTE_XD) | (on && run->xd ? X86_PTE_XD : 0);
    cr3_write(space_current()->root);
}
