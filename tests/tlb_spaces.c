/*
 * PKRS belongs to the logical processor and not to an address space: loading CR3 with another PCID neither
 * saves nor changes it, so the value in force decides in whichever space is loaded, by the key that this
 * space gives the address (SDM volume 3, "Protection Keys", "Process-Context Identifiers (PCIDs)"). Here one
 * linear address has one key in the first space and another in the second, and both translations are filled;
 * then PKRS is written in the one or the other, and each is accessed with no invalidation in between, by CR3
 * loads that keep the translations of their PCID (bit 63) or do not.
 */
#include "pcid.h"
#include "tlb.h"

#define KEY_HOME  2
#define KEY_OTHER 10
#define SLOT      9

static const uint32_t rights[] = {OPEN, AD, WD};

#define RIGHTS (sizeof(rights) / sizeof(rights[0]))

/* The same address as each PCID has it. */
struct twins {
    struct target of[PCID_OTHER + 1];
    bool keep;
};

static bool map(struct twins *twins, unsigned level, enum window_half half)
{
    struct target *home = &twins->of[PCID_HOME];
    struct target *other = &twins->of[PCID_OTHER];
    uint64_t base = window_address(half, SLOT);
    struct entry page;
    enum map_result result;

    if (!target_map(home, level, half, SLOT, target_page(KEY_HOME)))
        return false;
    page = entry_decode(*home->leaf, level);
    page.key = KEY_OTHER;
    result = page_map(pcid_other_space(), base, level, page);
    REQUIRE(result == MAP_OK);
    *other = *home;
    other->leaf = page_walk(pcid_other_space(), base, level, false, NULL);
    return result == MAP_OK;
}

/* Loads a space and accesses the address there; PKRS is as it was left in the other space. */
static void visit(const struct twins *twins, enum pcid pcid, struct machine m, const char *about)
{
    const struct target *t = &twins->of[pcid];
    uint32_t of_key = pkr_get(m.pkrs, pcid == PCID_HOME ? KEY_HOME : KEY_OTHER);
    struct access_seen read, write;

    pcid_load(pcid, twins->keep);
    read = access_make(t, ACCESS_READ, 8);
    write = access_make(t, ACCESS_WRITE, 8);
    expect_equal(msr_read(X86_MSR_IA32_PKRS), m.pkrs, "PKRS after loading PCID %u", pcid);
    access_compare(t, m, ACCESS_READ, 8, denial(of_key, ACCESS_READ), about, &read);
    access_compare(t, m, ACCESS_WRITE, 8, denial(of_key, ACCESS_WRITE), about, &write);
}

static void check_rights(const struct twins *twins, uint32_t of_home, uint32_t of_other)
{
    struct machine m = machine_normal();

    m.pkrs = pkr_set(pkr_set(m.pkrs, KEY_HOME, OPEN), KEY_OTHER, OPEN);
    msr_write(X86_MSR_IA32_PKRS, m.pkrs);
    visit(twins, PCID_HOME, m, "both keys open, home");
    visit(twins, PCID_OTHER, m, "both keys open, other");

    m.pkrs = pkr_set(pkr_set(m.pkrs, KEY_HOME, of_home), KEY_OTHER, of_other);
    msr_write(X86_MSR_IA32_PKRS, m.pkrs);
    visit(twins, PCID_HOME, m, "written in other, home");
    visit(twins, PCID_OTHER, m, "written in other, other");
    visit(twins, PCID_HOME, m, "written in other, home again");

    m.pkrs = pkr_set(pkr_set(m.pkrs, KEY_HOME, of_other), KEY_OTHER, of_home);
    msr_write(X86_MSR_IA32_PKRS, m.pkrs);
    visit(twins, PCID_OTHER, m, "written in home, other");
    visit(twins, PCID_HOME, m, "written in home, home");
    msr_write(X86_MSR_IA32_PKRS, PKRS_DEFAULT);
}

static void check(bool keep)
{
    struct twins twins = {.keep = keep};

    SKIP_UNLESS(cpu.pks, "no pks");
    SKIP_UNLESS(cpu.pcid, "no pcid");
    pcid_begin();
    for (unsigned level = LEVEL_4K; level <= LEVEL_1G && target_level_exists(level); level++) {
        for (enum window_half half = WINDOW_LOW; half < WINDOW_HALVES; half++) {
            if (!map(&twins, level, half))
                break;
            *twins.of[PCID_HOME].alias = ACCESS_PATTERN;
            for (unsigned r = 0; r < RIGHTS * RIGHTS; r++)
                check_rights(&twins, rights[r / RIGHTS], rights[r % RIGHTS]);
            pcid_load(PCID_OTHER, false);
            page_unmap(pcid_other_space(), twins.of[PCID_OTHER].va);
            pcid_load(PCID_HOME, false);
            page_unmap(space_current(), twins.of[PCID_HOME].va);
        }
    }
    pcid_end();
}

TEST(tlb_pcid_spaces_keep, "PKRS decides in both spaces, across CR3 loads that keep the PCID's translations")
{
    check(true);
}

TEST(tlb_pcid_spaces_load, "PKRS decides in both spaces, across CR3 loads that drop the PCID's translations")
{
    check(false);
}
