/* Source: Intel SDM volume 3, "Local Vector Table". */

#include "apic_vectors.h"

#include "apic.h"

/* In the order in which processors got them: the version register has the number of the last. */
static const uint16_t vectors[] = {
    X86_APIC_LVT_TIMER, X86_APIC_LVT_LINT0,   X86_APIC_LVT_LINT1, X86_APIC_LVT_ERROR,
    X86_APIC_LVT_PERF,  X86_APIC_LVT_THERMAL, X86_APIC_LVT_CMCI,
};

static unsigned vector_count(void)
{
    unsigned count = (apic_read(X86_APIC_VERSION) >> 16 & 0xff) + 1;
    unsigned known = sizeof(vectors) / sizeof(vectors[0]);

    return count < known ? count : known;
}

void apic_mask_vectors(void)
{
    for (unsigned i = 0; i < vector_count(); i++) {
        uint32_t entry = apic_read(vectors[i]);

        if (apic_entry_open(entry))
            apic_write(vectors[i], entry | X86_APIC_MASKED);
    }
}

unsigned apic_open_vectors(void)
{
    unsigned open = 0;

    for (unsigned i = 0; i < vector_count(); i++)
        open += apic_entry_open(apic_read(vectors[i]));
    return open;
}
