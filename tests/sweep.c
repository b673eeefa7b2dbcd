#include "sweep.h"

#define KEY        5
#define SECOND_KEY 12

#define AD X86_PKR_AD
#define WD X86_PKR_WD

static const struct page_row page_rows[] = {
    {"open", 0, true, FAULT_NONE, FAULT_NONE},          {"AD", AD, true, PF_KEY_READ, PF_KEY_WRITE},
    {"AD, WP=0", AD, false, PF_KEY_READ, PF_KEY_WRITE}, {"WD", WD, true, FAULT_NONE, PF_KEY_WRITE},
    {"WD, WP=0", WD, false, FAULT_NONE, FAULT_NONE},    {"AD+WD", AD | WD, true, PF_KEY_READ, PF_KEY_WRITE},
};

static const struct pair_row pair_rows[] = {
    {"open, open", {0, 0}, true, NEITHER, NEITHER},
    {"open, AD", {0, AD}, true, SECOND, SECOND},
    {"AD, open", {AD, 0}, true, FIRST, FIRST},
    {"AD, AD", {AD, AD}, true, BOTH, BOTH},
    {"open, WD", {0, WD}, true, NEITHER, SECOND},
    {"WD, open", {WD, 0}, true, NEITHER, FIRST},
    {"WD, AD", {WD, AD}, true, SECOND, BOTH},
    {"AD, WD", {AD, WD}, true, FIRST, BOTH},
    {"open, WD, WP=0", {0, WD}, false, NEITHER, NEITHER},
    {"WD, open, WP=0", {WD, 0}, false, NEITHER, NEITHER},
    {"open, AD, WP=0", {0, AD}, false, SECOND, SECOND},
};

static void sweep_page(unsigned level, enum window_half half, page_check *check, const void *what)
{
    struct areas areas;

    if (!areas_map_page(&areas, level, half, target_page(KEY)))
        return;
    for (unsigned i = 0; i < sizeof(page_rows) / sizeof(page_rows[0]); i++) {
        struct page_place place = {.areas = &areas, .row = &page_rows[i], .machine = machine_normal()};

        place.machine.wp = page_rows[i].wp;
        place.machine.pkrs = pkr_set(PKRS_DEFAULT, KEY, page_rows[i].rights);
        areas_fill(&areas);
        check(&place, what);
    }
    areas_unmap(&areas);
}

void sweep_pages(page_check *check, const void *what)
{
    for (unsigned level = LEVEL_4K; level <= LEVEL_1G && target_level_exists(level); level++)
        for (enum window_half half = WINDOW_LOW; half < WINDOW_HALVES; half++)
            sweep_page(level, half, check, what);
}

static void sweep_pair(const unsigned level[2], enum window_half half, pair_check *check, const void *what)
{
    const struct entry leaf[2] = {target_page(KEY), target_page(SECOND_KEY)};
    struct areas areas;

    if (!areas_map_pair(&areas, level, half, leaf))
        return;
    for (unsigned i = 0; i < sizeof(pair_rows) / sizeof(pair_rows[0]); i++) {
        struct pair_place place = {.areas = &areas, .row = &pair_rows[i], .machine = machine_normal()};
        uint32_t first = pkr_set(PKRS_DEFAULT, KEY, pair_rows[i].rights[0]);

        place.machine.wp = pair_rows[i].wp;
        place.machine.pkrs = pkr_set(first, SECOND_KEY, pair_rows[i].rights[1]);
        areas_fill(&areas);
        check(&place, what);
    }
    areas_unmap(&areas);
}

void sweep_pairs(pair_check *check, const void *what)
{
    for (unsigned first = LEVEL_4K; first <= LEVEL_2M; first++)
        for (unsigned second = LEVEL_4K; second <= LEVEL_2M; second++)
            sweep_pair((const unsigned[]){first, second}, first == second ? WINDOW_LOW : WINDOW_HIGH, check,
                       what);
}

void trial_want_pair(struct trial *t, const struct pair_place *place, uint64_t va, unsigned size, bool write)
{
    uint64_t edge = place->areas->area[1].va;
    unsigned touched = (va < edge ? FIRST : NEITHER) | (va + size > edge ? SECOND : NEITHER);
    unsigned denied = touched & (write ? place->row->write : place->row->read);

    t->want = denied == NEITHER ? FAULT_NONE : write ? PF_KEY_WRITE : PF_KEY_READ;
    t->cr2 = denied & FIRST || va >= edge ? va : edge;
    t->cr2_or = denied == BOTH ? edge : 0;
}

void pair_dirty_open(const struct pair_place *place)
{
    place->areas->area[0].dirty_open = !(place->row->write & FIRST);
    place->areas->area[1].dirty_open = !(place->row->write & SECOND);
}
