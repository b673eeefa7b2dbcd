#include "physical.h"

#include "cpu.h"
#include "paging.h"
#include "string.h"

#define LOW_END 0x100000ull     /* the BIOS and its data; maps list it in part only */
#define WINDOW  (0xffull << 39) /* one page, in a part of the address space that nothing else uses */

/* True if [at, at + size) lies in listed ranges, one behind the other in any order. */
static bool listed(const struct boot_info *boot, uint64_t at, uint64_t end)
{
    bool moved = true;

    if (at < LOW_END)
        at = LOW_END;
    while (at < end && moved) {
        moved = false;
        for (unsigned i = 0; i < boot->map_count; i++)
            if (boot->map[i].start <= at && at < boot->map[i].end) {
                at = boot->map[i].end;
                moved = true;
            }
    }
    return at >= end;
}

static volatile uint64_t *window_open(struct entry page)
{
    uint64_t *slot = page_walk(space_current(), WINDOW, LEVEL_4K, true, NULL);

    page.present = page.leaf = page.execute_disable = true;
    if (slot)
        *slot = entry_encode(page, LEVEL_4K);
    invlpg(WINDOW);
    return slot;
}

static void window_close(volatile uint64_t *slot)
{
    *slot = 0;
    invlpg(WINDOW);
}

/* As cached as the firmware's memory type ranges make it, so that it agrees with the pool's mapping of a
 * page. */
static bool read_page(uint64_t at, void *to, size_t size)
{
    volatile uint64_t *slot = window_open((struct entry){.address = at & X86_PTE_ADDR});

    if (!slot)
        return false;
    memcpy(to, (const void *)(uintptr_t)(WINDOW + at % X86_PAGE_SIZE), size);
    window_close(slot);
    return true;
}

bool physical_use(const struct boot_info *map, uint64_t page,
                  void (*use)(volatile uint32_t *registers, void *context), void *context)
{
    volatile uint64_t *slot;

    if (page % X86_PAGE_SIZE || page >> cpu.physical_bits)
        return false;
    for (unsigned i = 0; i < map->map_count; i++)
        if (map->map[i].usable && map->map[i].start < page + X86_PAGE_SIZE && page < map->map[i].end)
            return false;
    slot = window_open((struct entry){.address = page, .writable = true, .uncached = true});
    if (!slot)
        return false;
    use((volatile uint32_t *)(uintptr_t)WINDOW, context);
    window_close(slot);
    return true;
}

bool physical_read(void *map, uint64_t at, void *to, size_t size)
{
    if (at >> cpu.physical_bits || size > (1ull << cpu.physical_bits) - at || !listed(map, at, at + size))
        return false;
    while (size) {
        size_t now = X86_PAGE_SIZE - at % X86_PAGE_SIZE;

        if (now > size)
            now = size;
        if (!read_page(at, to, now))
            return false;
        at += now;
        to = (uint8_t *)to + now;
        size -= now;
    }
    return true;
}
