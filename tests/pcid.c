/* Sources: SDM volume 3, "Process-Context Identifiers (PCIDs)" and "Operations that Invalidate TLBs and
 * Paging-Structure Caches". */
#include "pcid.h"

#include "frames.h"

/* In the image: mapped by the kernel, and nothing has to be freed when a test breaks off. */
static uint64_t other_root[X86_TABLE_ENTRIES] __attribute__((aligned(X86_PAGE_SIZE)));
static struct space other;

const struct space *pcid_second_space(void)
{
    const uint64_t *root = frame_pointer(space_current()->root);

    for (unsigned i = 0; i < X86_TABLE_ENTRIES; i++)
        other_root[i] = root[i];
    other = (struct space){.root = (uintptr_t)other_root, .levels = space_current()->levels};
    return &other;
}

void pcid_begin(void)
{
    pcid_second_space();
    cr4_write(cr4_read() | X86_CR4_PCIDE); /* allowed while CR3 holds PCID 0 */
    pcid_load(PCID_OTHER, false);
    pcid_load(PCID_HOME, false);
}

const struct space *pcid_other_space(void)
{
    return &other;
}

void pcid_load(enum pcid pcid, bool keep)
{
    uint64_t root = pcid == PCID_OTHER ? other.root : space_current()->root;

    cr3_write(root | pcid | (keep ? X86_CR3_NOFLUSH : 0));
}

void pcid_end(void)
{
    cr3_write(space_current()->root);
    cr4_write(cr4_read() & ~(uint64_t)X86_CR4_PCIDE);
}
