#include "summary.h"

#include "sort.h"

static uint32_t percentile(const uint32_t *sorted, size_t count, unsigned percent)
{
    size_t rank = (count / 100) * percent + ((count % 100) * percent + 99) / 100; /* rounded up, from 1 */

    return sorted[rank - 1];
}

struct summary summarize_u32(uint32_t *values, size_t count)
{
    if (!count)
        return (struct summary){.count = 0};
    sort_u32(values, count);
    return (struct summary){values[0], percentile(values, count, 50), percentile(values, count, 99), count};
}
