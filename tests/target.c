#include "target.h"

#include "frames.h"
#include "memory.h"

#define OFFSET 0x140u /* of the eight bytes: inside the page, aligned, not zero */

uint64_t target_run(void)
{
    uint64_t run = frame_run_alloc_in(memory_pool()->gigabyte, level_size(LEVEL_2M));

    return run ? run : frame_run_alloc(level_size(LEVEL_2M));
}

uint64_t target_memory(void)
{
    static uint64_t run;

    if (!run)
        run = target_run();
    return run;
}

bool target_level_exists(unsigned level)
{
    return level < LEVEL_1G || cpu.page_1g;
}

bool target_map(struct target *t, unsigned level, enum window_half half, unsigned slot, struct entry leaf)
{
    uint64_t physical = target_memory();
    uint64_t inside = physical & (level_size(level) - 1);
    uint64_t base = window_address(half, slot);
    enum map_result result;

    if (!physical) {
        test_error("target: no 2 MiB run of memory is free");
        return false;
    }
    leaf.address = physical - inside;
    result = page_map(space_current(), base, level, leaf);
    if (result != MAP_OK) {
        test_error("target: mapping 0x%lx gives %d", base, result);
        return false;
    }
    *t = (struct target){
        .va = base + inside + OFFSET,
        .level = level,
        .half = half,
        .leaf = page_walk(space_current(), base, level, false, NULL),
        .alias = (volatile uint64_t *)((uint8_t *)frame_pointer(physical) + OFFSET),
    };
    return true;
}

void target_edit_leaf(const struct target *t, uint64_t raw)
{
    *(volatile uint64_t *)t->leaf = raw;
}

void target_set_leaf(const struct target *t, uint64_t raw)
{
    target_edit_leaf(t, raw);
    invlpg(t->va);
}
