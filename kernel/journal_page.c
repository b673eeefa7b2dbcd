#include "journal_page.h"

#include "cpu.h"
#include "kmap.h"
#include "string.h"

static uint64_t reserved;
static uint8_t *mapped;

void journal_page_reserve(uint64_t physical)
{
    reserved = physical;
}

uint64_t journal_page(void)
{
    return reserved;
}

/*
 * A reset throws the caches away, so nothing may wait in them. The page is mapped uncached; flushing its
 * lines as well covers a PAT that the firmware has changed, and lines that were read through the first page
 * tables (SDM volume 3, "Programming the PAT": no page with two memory types unless it is flushed between).
 */
static void flush(const uint8_t *from, size_t size)
{
    if (cpuid(X86_CPUID_FEATURES, 0).edx & X86_CPUID_1_EDX_CLFSH)
        for (size_t i = 0; i < size; i += X86_CACHE_LINE)
            clflush(from + i);
    __asm__ volatile("mfence" : : : "memory");
}

bool journal_page_read(struct journal *out)
{
    if (reserved && !mapped)
        mapped = (uint8_t *)(uintptr_t)kernel_map_device(reserved, X86_PAGE_SIZE);
    if (!mapped)
        return false;
    flush(mapped, X86_PAGE_SIZE);
    return journal_decode(mapped, out);
}

void journal_page_write(struct journal *journal)
{
    if (mapped)
        flush(journal_encode(journal, mapped), JOURNAL_COPY_SIZE);
}

void journal_page_clear(void)
{
    if (!mapped)
        return;
    memset(mapped, 0, X86_PAGE_SIZE);
    flush(mapped, X86_PAGE_SIZE);
}
