/*
 * One frame at two linear addresses with two keys: the key belongs to the translation of the linear address,
 * so the rights follow the address and never the frame (SDM volume 3, "Protection Keys": "the protection key
 * of a linear address"). The two pages have the same size or different ones, in different halves or in the
 * same, and both translations are filled before PKRS closes one of them, the other, both or none.
 */
#include "tlb.h"

#define KEY_A 4
#define KEY_B 13

struct pair {
    unsigned level[2];
    enum window_half half[2];
};

static const struct pair pairs[] = {
    {{LEVEL_4K, LEVEL_4K}, {WINDOW_LOW, WINDOW_HIGH}}, {{LEVEL_4K, LEVEL_4K}, {WINDOW_LOW, WINDOW_LOW}},
    {{LEVEL_4K, LEVEL_2M}, {WINDOW_HIGH, WINDOW_LOW}}, {{LEVEL_2M, LEVEL_2M}, {WINDOW_HIGH, WINDOW_HIGH}},
    {{LEVEL_2M, LEVEL_1G}, {WINDOW_LOW, WINDOW_HIGH}}, {{LEVEL_1G, LEVEL_4K}, {WINDOW_LOW, WINDOW_HIGH}},
};

static const uint32_t rights[] = {OPEN, AD, WD};

#define RIGHTS (sizeof(rights) / sizeof(rights[0]))

/* Both open, then both accessed under the rights in question, the one right behind the other. */
static void check_rights(const struct target pages[2], const uint32_t of_key[2])
{
    static const enum access accesses[] = {ACCESS_READ, ACCESS_WRITE};
    struct machine open = machine_normal();
    struct machine m = machine_normal();
    struct access_seen warm[2], seen[2][2];

    open.pkrs = pkr_set(pkr_set(open.pkrs, KEY_A, 0), KEY_B, 0);
    m.pkrs = pkr_set(pkr_set(m.pkrs, KEY_A, of_key[0]), KEY_B, of_key[1]);
    *pages[0].alias = ACCESS_PATTERN;
    for (unsigned i = 0; i < 2; i++)
        target_set_leaf(&pages[i], *pages[i].leaf & ~(uint64_t)(X86_PTE_A | X86_PTE_D));
    machine_set(open);
    for (unsigned i = 0; i < 2; i++)
        warm[i] = access_make(&pages[i], ACCESS_READ, 8);
    msr_write(X86_MSR_IA32_PKRS, m.pkrs);
    for (unsigned a = 0; a < 2; a++)
        for (unsigned i = 0; i < 2; i++)
            seen[a][i] = access_make(&pages[i], accesses[a], 8);
    machine_set(machine_normal());

    for (unsigned i = 0; i < 2; i++) {
        access_compare(&pages[i], open, ACCESS_READ, 8, FAULT_NONE, "both open", &warm[i]);
        for (unsigned a = 0; a < 2; a++)
            access_compare(&pages[i], m, accesses[a], 8, denial(of_key[i], accesses[a]),
                           "one frame, two keys", &seen[a][i]);
        expect_equal(entry_decode(*pages[i].leaf, pages[i].level).dirty,
                     denial(of_key[i], ACCESS_WRITE) == FAULT_NONE, "D of page %u behind writes to both", i);
    }
}

TEST(tlb_two_keys, "One frame at two addresses with two keys: the rights are those of the address")
{
    SKIP_UNLESS(cpu.pks, "no pks");
    for (unsigned p = 0; p < sizeof(pairs) / sizeof(pairs[0]); p++) {
        struct target pages[2];

        if (!target_level_exists(pairs[p].level[0]) || !target_level_exists(pairs[p].level[1]))
            continue;
        for (unsigned i = 0; i < 2; i++)
            if (!target_map(&pages[i], pairs[p].level[i], pairs[p].half[i], 1 + i,
                            target_page(i ? KEY_B : KEY_A)))
                return;
        REQUIRE(pages[0].alias == pages[1].alias);
        for (unsigned r = 0; r < RIGHTS * RIGHTS; r++)
            check_rights(pages, (const uint32_t[2]){rights[r / RIGHTS], rights[r % RIGHTS]});
        for (unsigned i = 0; i < 2; i++)
            page_unmap(space_current(), pages[i].va);
    }
}
