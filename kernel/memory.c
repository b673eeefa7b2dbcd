#include "memory.h"

#include "exit.h"
#include "frames.h"
#include "memmap.h"
#include "x86.h"

#define LOW_MEMORY_END 0x100000ull    /* firmware's, and where other processors start */
#define TABLES_MIN     (2ull << 20)   /* for the kernel's own page tables, built on the first ones */
#define REACHABLE      0x100000000ull /* what boot/start.asm maps */

extern const char image_start[], image_end[]; /* linker.ld */
extern const uint32_t boot_magic_mb2, boot_magic_pvh;

static void leave_out(struct memmap *map, uint64_t start, uint64_t end)
{
    if (!memmap_remove(map, start, end))
        refuse("memory: the memory map has too many ranges to leave out 0x%lx..0x%lx", start, end);
}

static void give_frames(const struct boot_info *boot)
{
    static struct memmap usable, reachable;

    if (!memmap_usable(boot->map, boot->map_count, &usable))
        refuse("memory: the memory map splits into more than %u usable ranges", MEMMAP_MAX);
    leave_out(&usable, 0, LOW_MEMORY_END);
    leave_out(&usable, (uintptr_t)image_start, (uintptr_t)image_end);
    for (unsigned i = 0; i < boot->module_count; i++)
        leave_out(&usable, boot->modules[i].start, boot->modules[i].end);
    reachable = usable;
    leave_out(&reachable, REACHABLE, UINT64_MAX & ~(uint64_t)(X86_PAGE_SIZE - 1));
    if (memmap_total(&usable) < FRAMES_POOL_MIN)
        refuse("memory: %lu KiB usable, %llu KiB needed", memmap_total(&usable) >> 10, FRAMES_POOL_MIN >> 10);
    if (memmap_total(&reachable) < TABLES_MIN)
        refuse("memory: %lu KiB usable below 4 GiB, %llu KiB needed there", memmap_total(&reachable) >> 10,
               TABLES_MIN >> 10);
    frames_init(&usable);
}

const struct boot_info *memory_init(uint32_t magic, uint64_t info)
{
    static struct boot_info boot;
    struct phys_view view = {.bytes = frame_pointer(0), .start = 0, .size = REACHABLE};
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
    give_frames(&boot);
    return &boot;
}
