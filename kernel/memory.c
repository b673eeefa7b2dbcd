#include "memory.h"

#include "cpu.h"
#include "exit.h"
#include "format.h"
#include "frames.h"
#include "journal_page.h"
#include "log.h"

extern const char image_start[], image_end[]; /* linker.ld */
extern const uint32_t boot_magic_mb2, boot_magic_pvh;

static struct boot_info boot;
static struct pool pool;

static void choose_pool(const struct mem_range *taken, unsigned count)
{
    char error[160];

    if (!pool_choose(&boot, taken, count, cpu.physical_bits, &pool, error, sizeof(error)))
        refuse("memory: %s", error);
}

const struct boot_info *memory_init(uint32_t magic, uint64_t info)
{
    struct phys_view view = {.bytes = frame_pointer(0), .start = 0, .size = POOL_FIRST_END};
    struct mem_range taken[] = {{(uintptr_t)image_start, (uintptr_t)image_end, false}, {0, 0, false}};
    char error[160];
    bool read = false;

    if (magic == boot_magic_mb2)
        read = mb2_parse(&view, info, &boot, error, sizeof(error));
    else if (magic == boot_magic_pvh)
        read = pvh_parse(&view, info, &boot, error, sizeof(error));
    else
        refuse("boot: started with 0x%x in EAX, neither Multiboot2 nor PVH", magic);
    if (!read)
        refuse("boot: %s", error);
    choose_pool(taken, 1);
    /* before anything else takes memory, so that the next boot finds it in the same place */
    taken[1].start = journal_place(&pool.usable, taken[0].end);
    taken[1].end = taken[1].start + X86_PAGE_SIZE;
    journal_page_reserve(taken[1].start);
    if (taken[1].start)
        choose_pool(taken, 2);
    frames_init(&pool.near);
    return &boot;
}

const struct boot_info *memory_boot(void)
{
    return &boot;
}

const struct pool *memory_pool(void)
{
    return &pool;
}

void memory_print(void)
{
    const struct memmap *usable = &pool.usable, *near = &pool.near;
    char gigabyte[24] = "none"; /* tests of 1 GiB pages then map whatever lies around their memory */

    if (pool.gigabyte.end)
        format(gigabyte, sizeof(gigabyte), "0x%lx", pool.gigabyte.start);
    log_line("# @ memory entries=%u usable_mib=%lu ranges=%u end=0x%lx pool_mib=%lu pieces=%u "
             "pool=0x%lx..0x%lx distant=%u gigabyte=%s",
             boot.map_count, memmap_total(usable) >> 20, usable->count, usable->range[usable->count - 1].end,
             memmap_total(near) >> 20, near->count, near->range[0].start, near->range[near->count - 1].end,
             pool.distant_count, gigabyte);
}
