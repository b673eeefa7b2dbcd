/* Mappings with keys, and the count of them that keeps a key from being freed under a mapping. */

#include "internal.h"
#include "shootdown.h"

static int map(uint64_t va, unsigned level, struct entry leaf, enum map_result *why)
{
    enum map_result result;

    if (!pks_key_usable(leaf.key))
        return PKS_BAD_KEY;
    result = page_map(space_current(), va, level, leaf);
    if (why)
        *why = result;
    if (result != MAP_OK)
        return PKS_NOT_MAPPED;
    pks_key_count(leaf.key, 1);
    return PKS_OK;
}

/* The leaf that maps va, NULL for none. */
static uint64_t *find_leaf(uint64_t va, struct entry *leaf)
{
    unsigned level;
    uint64_t *slot = page_walk(space_current(), va, LEVEL_4K, false, &level);

    *leaf = entry_decode(*slot, level);
    return leaf->present ? slot : NULL;
}

static int unmap(uint64_t va)
{
    struct entry leaf;

    if (!find_leaf(va, &leaf))
        return PKS_NOT_MAPPED;
    page_unmap(space_current(), va);
    pks_key_count(leaf.key, -1);
    return PKS_OK;
}

static int set_key(uint64_t va, unsigned key)
{
    struct entry leaf;
    uint64_t *slot, raw;

    if (!pks_key_usable(key))
        return PKS_BAD_KEY;
    slot = find_leaf(va, &leaf);
    if (!slot)
        return PKS_NOT_MAPPED;
    raw = *slot;
    while (!__atomic_compare_exchange_n(slot, &raw, entry_with_key(raw, key), false, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED)) {
    } /* another processor may be setting A or D */
    shootdown(va);
    pks_key_count(leaf.key, -1);
    pks_key_count(key, 1);
    return PKS_OK;
}

int pks_page_map(uint64_t va, unsigned level, struct entry leaf, enum map_result *why)
{
    uint64_t flags = spin_lock(&pks_lock);
    int result = map(va, level, leaf, why);

    spin_unlock(&pks_lock, flags);
    return result;
}

int pks_page_unmap(uint64_t va)
{
    uint64_t flags = spin_lock(&pks_lock);
    int result = unmap(va);

    spin_unlock(&pks_lock, flags);
    return result;
}

int pks_page_set_key(uint64_t va, unsigned key)
{
    uint64_t flags = spin_lock(&pks_lock);
    int result = set_key(va, key);

    spin_unlock(&pks_lock, flags);
    return result;
}
