#include "mce_kept.h"

/* `from` is what the caller has seen. */
static bool set_count(struct mce_kept *kept, unsigned from, unsigned to)
{
    return __atomic_compare_exchange_n(&kept->count, &from, to, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

void mce_keep(struct mce_kept *kept, const struct mce_bank *bank)
{
    unsigned count;

    do {
        count = __atomic_load_n(&kept->count, __ATOMIC_ACQUIRE);
        if (count == MCE_KEPT_MAX) {
            __atomic_fetch_add(&kept->left_out, 1, __ATOMIC_RELAXED);
            return;
        }
        kept->bank[count] = *bank;
    } while (!set_count(kept, count, count + 1)); /* all were told meanwhile */
}

void mce_tell(struct mce_kept *kept, void (*function)(const struct mce_bank *bank))
{
    unsigned told = 0;
    unsigned count;

    do {
        count = __atomic_load_n(&kept->count, __ATOMIC_ACQUIRE);
        while (told < count)
            function(&kept->bank[told++]);
    } while (!set_count(kept, count, 0)); /* more came meanwhile */
}

unsigned mce_left_out(struct mce_kept *kept)
{
    return __atomic_exchange_n(&kept->left_out, 0, __ATOMIC_RELAXED);
}
