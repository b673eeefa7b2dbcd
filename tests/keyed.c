#include "keyed.h"

void keyed_supervise(const struct space *space, uint64_t va)
{
    *page_walk(space, va, space->levels, false, NULL) &= ~(uint64_t)X86_PTE_US;
    invlpg(va);
}

/* The pages of all slots lie in target_memory(), each on a frame of its own. */
bool keyed_map(struct keyed *keyed, unsigned key, unsigned slot, unsigned level)
{
    uint64_t memory = target_memory();
    uint64_t offset = (uint64_t)slot * X86_PAGE_SIZE;
    struct entry leaf = PAGE_KERNEL_PKEY(key);
    uint64_t page = window_address(WINDOW_LOW, slot);
    int result;

    if (!memory)
        return false;
    leaf.address = (memory + offset) & ~(level_size(level) - 1);
    result = pks_page_map(page, level, leaf, NULL);
    if (result != PKS_OK)
        test_error("key %u cannot be mapped: %s", key, pks_result_text(result));
    else
        keyed_supervise(space_current(), page);
    keyed->key = key;
    keyed->va = page + (memory + offset) % level_size(level);
    keyed->memory = (volatile uint64_t *)keyed->va;
    keyed->alias = (volatile uint64_t *)(memory + offset);
    return result == PKS_OK;
}

bool keyed_make(struct keyed *keyed, const char *name, unsigned slot, unsigned level)
{
    int key = pks_key_alloc(name);

    if (key < 0) {
        test_error("no key for %s: %s", name, pks_result_text(key));
        return false;
    }
    return keyed_map(keyed, (unsigned)key, slot, level);
}

void keyed_drop(struct keyed *keyed)
{
    REQUIRE(pks_page_unmap(keyed->va) == PKS_OK);
    REQUIRE(pks_key_free(keyed->key) == PKS_OK);
}

fault_t keyed_read(const struct keyed *keyed)
{
    struct outcome o = probe(PROBE_read8, keyed->va, 0);

    if (!o.faults && o.value != *keyed->alias)
        test_fail("key %u: the read got 0x%lx, 0x%lx stands there", keyed->key, o.value, *keyed->alias);
    return o.fault;
}

fault_t keyed_write(const struct keyed *keyed)
{
    uint64_t before = *keyed->alias;
    struct outcome o = probe(PROBE_write8, keyed->va, ~before);

    if (*keyed->alias != (o.faults ? before : ~before))
        test_fail("key %u: 0x%lx stands there after a write that %s", keyed->key, *keyed->alias,
                  o.faults ? "faulted" : "did not fault");
    *keyed->alias = before;
    return o.fault;
}

void keyed_expect(const struct keyed *keyed, enum pks_rights rights, const char *about)
{
    fault_t want_read = rights == PKS_NOACCESS ? FAULT_KEY_READ : FAULT_NONE;
    fault_t want_write = rights == PKS_READWRITE ? FAULT_NONE : FAULT_KEY_WRITE;
    fault_t read = keyed_read(keyed);
    fault_t write = keyed_write(keyed);

    if (read != want_read)
        test_fail("key %u, %s: read: want %s got %s", keyed->key, about, fault_text(want_read).s,
                  fault_text(read).s);
    if (write != want_write)
        test_fail("key %u, %s: write: want %s got %s", keyed->key, about, fault_text(want_write).s,
                  fault_text(write).s);
}

uint32_t pkrs_read_checked(const char *about)
{
    uint32_t value = (uint32_t)msr_read(X86_MSR_IA32_PKRS);

    expect_equal(pks_copy, value, "software copy of PKRS, %s", about);
    return value;
}
