#include "report.h"

#include "cpu.h"
#include "format.h"
#include "frames.h"
#include "log.h"
#include "pks/pks.h"
#include "probe.h"
#include "string.h"
#include "symbols.h"

struct place_text report_place(uint64_t address)
{
    struct place_text text = {"?"};
    uint64_t offset;
    const char *name = symbol_find(address, &offset);

    if (name)
        format(text.s, sizeof(text.s), "%s+0x%lx", name, offset);
    return text;
}

static void report_entry(const char *prefix, unsigned level, uint64_t va, uint64_t raw)
{
    struct entry e = entry_decode(raw, level);
    unsigned index = va >> (X86_PAGE_BITS + X86_INDEX_BITS * (level - 1)) & (X86_TABLE_ENTRIES - 1);

    log_line("%s level %u [%3u] %016lx %s %s %s %s %s%s%s key=%u -> %s 0x%lx", prefix, level, index, raw,
             e.present ? "P" : "-", e.writable ? "RW" : "R-", e.user ? "US" : "S-",
             e.execute_disable ? "XD" : "X-", e.accessed ? "A" : "-", e.dirty ? "D" : "-",
             e.global ? "G" : "-", e.key, e.leaf ? "page" : "table", e.address);
}

void report_walk(const char *prefix, uint64_t va)
{
    unsigned levels = cr4_read() & X86_CR4_LA57 ? 5 : 4;
    uint64_t table = cr3_read() & X86_PTE_ADDR; /* a test may have loaded a space of its own */

    log_line("%s walk of 0x%lx, %u levels", prefix, va, levels);
    for (unsigned level = levels; level; level--) {
        unsigned index = va >> (X86_PAGE_BITS + X86_INDEX_BITS * (level - 1)) & (X86_TABLE_ENTRIES - 1);
        struct outcome o = probe(PROBE_read8, table + index * sizeof(uint64_t), 0);
        struct entry e = entry_decode(o.value, level);

        if (o.faults) {
            log_line("%s level %u: the table at 0x%lx cannot be read", prefix, level, table);
            return;
        }
        report_entry(prefix, level, va, o.value);
        if (!e.present || e.leaf)
            return;
        table = e.address;
    }
}

void report_rights(const char *prefix, const char *name, uint32_t pkr)
{
    static const char *const word[] = {"rw", "--", "r-", "--"};
    char text[128] = "";
    size_t used = 0;

    for (unsigned key = 0; key < X86_PKEYS && used < sizeof(text); key++)
        used += format(text + used, sizeof(text) - used, " %u:%s", key, word[pkr_get(pkr, key)]);
    log_line("%s %s %08x%s", prefix, name, pkr, text);
}
