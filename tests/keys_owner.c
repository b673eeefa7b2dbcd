/*
 * Two things that end with a key's owner beside its rights, which keys_reuse.c has: nothing can be mapped
 * with the key any more, and the callback is gone. And one that a key does not depend on: whether its mapping
 * is in the kernel's tables or only in the space that CR3 holds, from where the key of a fault has to be
 * found.
 */
#include "keyed.h"

#include "copy.h"
#include "frames.h"
#include "string.h"

static unsigned calls;

static bool open_it(struct trap_frame *frame, const struct pks_fault *fault)
{
    calls++;
    return pks_update_exception(frame, fault->key, PKS_READWRITE) == PKS_OK;
}

TEST(keys_owner_page, "No page can be mapped with a key that nobody owns")
{
    unsigned key = 0;

    SKIP_UNLESS(cpu.pks, "no pks");
    for (unsigned i = 0; i < 2; i++) { /* never owned; then owned and freed */
        for (unsigned unowned = 1; unowned < X86_PKEYS; unowned++)
            expect_equal((uint64_t)pks_page_map(window_address(WINDOW_LOW, 0), LEVEL_4K,
                                                PAGE_KERNEL_PKEY(unowned), NULL),
                         (uint64_t)PKS_BAD_KEY, "mapping with key %u", unowned);
        key = (unsigned)pks_key_alloc("owner");
        REQUIRE(key == 1 && pks_key_free(key) == PKS_OK);
    }
}

TEST(keys_owner_callback, "A key's callback ends with its owner")
{
    struct keyed k;
    uint64_t plain = 1;

    SKIP_UNLESS(cpu.pks, "no pks");
    if (!keyed_make(&k, "old owner", 0, LEVEL_4K))
        return;
    REQUIRE(pks_key_on_fault(k.key, open_it) == PKS_OK);
    keyed_drop(&k);
    if (!keyed_make(&k, "new owner", 0, LEVEL_4K))
        return;
    calls = 0;
    expect_equal(copy_checked((void *)k.va, &plain, sizeof(plain)), sizeof(plain), "bytes not copied");
    expect_equal(calls, 0, "calls of the old owner's callback");
    keyed_drop(&k);
}

/* The kernel's space, and whatever is mapped in it afterwards without the kernel's knowing. */
static struct space copy_of_space(void)
{
    struct space copy = {.root = frame_alloc(), .levels = space_current()->levels};

    if (copy.root)
        memcpy(frame_pointer(copy.root), frame_pointer(space_current()->root), X86_PAGE_SIZE);
    else
        test_error("no frame for a second space");
    return copy;
}

TEST(keys_owner_space,
     "The key of a fault is found in the tables of CR3, where the kernel's own do not map the page")
{
    uint64_t va = window_address(WINDOW_LOW, 3);
    volatile uint64_t *memory = (volatile uint64_t *)va;
    volatile uint64_t *alias = (volatile uint64_t *)target_memory();
    uint64_t kernel = cr3_read();
    struct entry leaf;
    struct space other;
    int key;

    SKIP_UNLESS(cpu.pks, "no pks");
    key = pks_key_alloc("other space");
    other = copy_of_space();
    REQUIRE(key > 0);
    if (key < 0 || !alias || !other.root)
        return;
    leaf = PAGE_KERNEL_PKEY((unsigned)key);
    leaf.address = target_memory();
    REQUIRE(page_map(&other, va, LEVEL_4K, leaf) == MAP_OK &&
            pks_key_on_fault((unsigned)key, open_it) == PKS_OK);
    keyed_supervise(&other, va);
    *alias = 0;
    calls = 0;
    cr3_write(other.root);
    *memory = 0x77;
    page_unmap(&other, va);
    cr3_write(kernel);
    expect_equal(calls, 1, "calls of the callback");
    expect_equal(*alias, 0x77, "what was written");
    frame_free(other.root);
    REQUIRE(pks_key_free((unsigned)key) == PKS_OK);
}
