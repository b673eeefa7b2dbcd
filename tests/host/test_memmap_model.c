/* Random firmware maps against a model that keeps one flag per small unit of memory. */

#include "memmap_tidy.h"
#include "rng.h"

#define UNIT   (PAGE / 8) /* firmware ends ranges inside pages */
#define PAGES  40
#define UNITS  (PAGES * 8)
#define RANGES 12

struct model {
    bool usable[UNITS];
    bool other[UNITS];
};

static bool model_page(const struct model *model, unsigned page)
{
    for (unsigned unit = page * 8; unit < page * 8 + 8; unit++)
        if (!model->usable[unit] || model->other[unit])
            return false;
    return true;
}

static void assert_model(const struct memmap *map, const struct model *model, uint64_t base)
{
    uint64_t total = 0;

    assert_tidy(map);
    for (unsigned page = 0; page < PAGES; page++) {
        uint64_t address = base + page * PAGE;
        bool in_map = false;

        for (unsigned i = 0; i < map->count; i++)
            in_map |= map->range[i].start <= address && address < map->range[i].end;
        assert_int_equal(in_map, model_page(model, page));
        total += in_map ? PAGE : 0;
    }
    assert_true(memmap_total(map) == total);
}

/* A range of at most ten pages inside the model, of no length now and then. */
static struct mem_range random_range(uint64_t *seed, uint64_t base, bool usable, bool *flags)
{
    uint64_t start = rng_next(seed) % UNITS;
    uint64_t size = rng_next(seed) % 81;
    uint64_t end = start + size < UNITS ? start + size : UNITS;

    for (uint64_t unit = start; unit < end; unit++)
        flags[unit] = true;
    return (struct mem_range){base + start * UNIT, base + end * UNIT, usable};
}

static void random_maps_against_the_model(void **state)
{
    static const uint64_t bases[] = {0, 0x100000, 0xfffff000, 0xffffffffffffe000 - PAGES * PAGE};
    uint64_t seed = 3;

    (void)state;
    for (unsigned round = 0; round < 4000; round++) {
        uint64_t base = bases[round % COUNT(bases)];
        unsigned count = (unsigned)(rng_next(&seed) % (RANGES + 1));
        struct mem_range ranges[RANGES];
        struct model model = {0};
        struct memmap map;
        struct mem_range *exact;

        for (unsigned i = 0; i < count; i++) {
            bool usable = rng_next(&seed) % 3 > 0;

            ranges[i] = random_range(&seed, base, usable, usable ? model.usable : model.other);
        }
        exact = malloc(count * sizeof(*ranges));
        memcpy(exact, ranges, count * sizeof(*ranges));
        assert_true(memmap_usable(exact, count, &map));
        free(exact);
        assert_model(&map, &model, base);
        for (unsigned i = 0; i < 4; i++) {
            struct mem_range taken = random_range(&seed, base, false, model.other);

            assert_true(memmap_remove(&map, taken.start, taken.end));
            assert_model(&map, &model, base);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_maps_against_the_model),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
