/* A debugging aid: keys protect mappings and not memory, so another mapping of the same frame defeats them.
 */

#include "pks.h"

#include "frames.h"
#include "log.h"

struct search {
    const char *prefix;
    uint64_t first, last; /* physical bytes, both included */
    unsigned key, found;
};

static void look_at(struct search *s, uint64_t va, struct entry leaf, unsigned level)
{
    if (leaf.key == s->key || leaf.address > s->last || leaf.address + level_size(level) - 1 < s->first)
        return;
    s->found++;
    log_line("%s alias key=%u at 0x%lx level=%s of memory on key=%u", s->prefix, leaf.key, va,
             level_name(level), s->key);
}

static void search_table(struct search *s, uint64_t table, uint64_t va, unsigned level)
{
    const uint64_t *slot = frame_pointer(table);

    for (unsigned i = 0; i < X86_TABLE_ENTRIES; i++) {
        struct entry e = entry_decode(slot[i], level);
        uint64_t at = va + i * level_size(level);

        if (e.present && e.leaf)
            look_at(s, at, e, level);
        else if (e.present)
            search_table(s, e.address, at, level - 1);
    }
}

unsigned pks_page_aliases(uint64_t va, const char *prefix)
{
    const struct space *space = space_current();
    struct page_found page;
    struct search s = {.prefix = prefix};

    if (!page_find(va, &page))
        return 0;
    s.key = page.leaf.key;
    s.first = page.leaf.address;
    s.last = page.leaf.address + level_size(page.level) - 1;
    search_table(&s, space->root, 0, space->levels);
    return s.found;
}
