/*
 * Where the kernel's memory lies, against the map that the loader gave: every page of the pool, and every
 * piece kept for tests of high addresses, stands in ranges that the map calls usable and in nothing else that
 * it names, in no part of the image and in nothing that the loader placed. Compared page by page against the
 * map as it was given, without the arithmetic that made the choice.
 */
#include "memory.h"
#include "target.h"

extern const char image_start[], image_end[]; /* linker.ld */

static bool overlaps(const struct mem_range *range, uint64_t start, uint64_t end)
{
    return range->start < end && start < range->end;
}

/* How far from `at` on the map's usable entries reach; `at` itself where none holds it. */
static uint64_t usable_to(const struct boot_info *boot, uint64_t at)
{
    uint64_t end = at;

    for (unsigned i = 0; i < boot->map_count; i++)
        if (boot->map[i].usable && boot->map[i].start <= at && boot->map[i].end > end)
            end = boot->map[i].end;
    return end;
}

static void expect_free(const char *what, uint64_t start, uint64_t end)
{
    const struct boot_info *boot = memory_boot();

    for (uint64_t at = start, next; at < end; at = next) {
        next = usable_to(boot, at);
        if (next == at) {
            test_error("%s 0x%lx..0x%lx: 0x%lx is not usable", what, start, end, at);
            return;
        }
    }
    for (unsigned i = 0; i < boot->map_count; i++)
        if (!boot->map[i].usable && overlaps(&boot->map[i], start, end))
            test_error("%s 0x%lx..0x%lx holds reserved 0x%lx..0x%lx", what, start, end, boot->map[i].start,
                       boot->map[i].end);
    for (unsigned i = 0; i < boot->module_count; i++)
        if (overlaps(&boot->modules[i], start, end))
            test_error("%s 0x%lx..0x%lx holds the loader's 0x%lx..0x%lx", what, start, end,
                       boot->modules[i].start, boot->modules[i].end);
    if (start < (uintptr_t)image_end && (uintptr_t)image_start < end)
        test_error("%s 0x%lx..0x%lx holds the image", what, start, end);
}

ONCE_TEST(self_memory, "All memory that the kernel uses is usable by the map, and is nobody else's")
{
    const struct pool *pool = memory_pool();

    for (unsigned i = 0; i < pool->near.count; i++)
        expect_free("pool", pool->near.range[i].start, pool->near.range[i].end);
    for (unsigned i = 0; i < pool->distant_count; i++)
        expect_free("distant", pool->distant[i].start, pool->distant[i].end);
}

ONCE_TEST(self_memory_gigabyte, "A 1 GiB page of a test maps memory only, all of it usable and nobody else's")
{
    const uint64_t size = level_size(LEVEL_1G);
    uint64_t page = target_memory() & ~(size - 1);

    SKIP_UNLESS(memory_pool()->gigabyte.end, "no gigabyte of usable memory in one piece");
    expect_free("gigabyte", page, page + size);
}
