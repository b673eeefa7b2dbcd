/* Heapsort: no recursion, no memory of its own (Williams, Algorithm 232, 1964). */

#include "sort.h"

static void swap(uint32_t *a, uint32_t *b)
{
    uint32_t kept = *a;

    *a = *b;
    *b = kept;
}

/* Lets the value at `root` sink until neither child is larger. */
static void sink(uint32_t *values, size_t root, size_t count)
{
    for (size_t child = 2 * root + 1; child < count; child = 2 * root + 1) {
        if (child + 1 < count && values[child + 1] > values[child])
            child++;
        if (values[root] >= values[child])
            return;
        swap(&values[root], &values[child]);
        root = child;
    }
}

void sort_u32(uint32_t *values, size_t count)
{
    for (size_t root = count / 2; root-- > 0;)
        sink(values, root, count);
    while (count-- > 1) {
        swap(&values[0], &values[count]);
        sink(values, 0, count);
    }
}
