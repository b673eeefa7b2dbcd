/* Unused memory stays in the ranges of a memory map; frames that come back stand in a list threaded through
 * the frames themselves. */

#include "frames.h"

#include "spin.h"
#include "string.h"
#include "x86.h"

struct free_frame {
    struct free_frame *next;
};

static struct memmap pool;   /* all that is ours */
static struct memmap unused; /* what was never handed out */
static struct free_frame *returned;
static uint64_t returned_count;
static struct spin lock;

void frames_init(const struct memmap *near)
{
    pool = unused = *near;
    returned = NULL;
    returned_count = 0;
}

const struct memmap *frames_pool(void)
{
    return &pool;
}

static uint64_t take(uint64_t start, uint64_t size)
{
    return memmap_remove(&unused, start, start + size) ? start : 0;
}

uint64_t frame_alloc(void)
{
    uint64_t flags = spin_lock(&lock);
    uint64_t frame = 0;

    if (returned) {
        frame = (uintptr_t)returned;
        returned = returned->next;
        returned_count--;
    } else if (unused.count) {
        frame = take(unused.range[0].start, X86_PAGE_SIZE);
    }
    spin_unlock(&lock, flags);
    if (frame)
        memset(frame_pointer(frame), 0, X86_PAGE_SIZE);
    return frame;
}

void frame_free(uint64_t frame)
{
    uint64_t flags = spin_lock(&lock);
    struct free_frame *entry = frame_pointer(frame);

    entry->next = returned;
    returned = entry;
    returned_count++;
    spin_unlock(&lock, flags);
}

uint64_t frame_run_alloc_in(struct mem_range within, uint64_t size)
{
    uint64_t flags = spin_lock(&lock);
    uint64_t run = 0;

    for (unsigned i = 0; i < unused.count && !run; i++) {
        uint64_t start = unused.range[i].start > within.start ? unused.range[i].start : within.start;
        uint64_t end = unused.range[i].end < within.end ? unused.range[i].end : within.end;

        start = (start + size - 1) & ~(size - 1);
        if (start < end && end - start >= size)
            run = take(start, size);
    }
    spin_unlock(&lock, flags);
    return run;
}

uint64_t frame_run_alloc(uint64_t size)
{
    return frame_run_alloc_in((struct mem_range){.end = UINT64_MAX}, size);
}

uint64_t frames_free(void)
{
    return memmap_total(&unused) / X86_PAGE_SIZE + returned_count;
}

bool frame_owned(uint64_t physical)
{
    for (unsigned i = 0; i < pool.count; i++)
        if (physical >= pool.range[i].start && physical < pool.range[i].end)
            return true;
    return false;
}
