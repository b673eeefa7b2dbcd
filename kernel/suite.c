#include "suite.h"

#include "crc32.h"
#include "exit.h"
#include "format.h"
#include "glob.h"
#include "string.h"

/* linker.ld: pointers sorted by id, the self_ family first */
extern const struct test *const tests_start[], *const tests_end[];

static struct suite all, selected;

static void check_id(const char *id, size_t length)
{
    if (length >= SUITE_ID_SIZE)
        refuse("suite: the id '%s' is longer than %u characters", id, SUITE_ID_SIZE - 1);
    for (const char *c = id; *c; c++)
        if (!((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || *c == '_'))
            refuse("suite: the id '%s' holds '%c'", id, *c);
}

static void add(const struct test *test, unsigned levels)
{
    struct suite_item *item = &all.item[all.count++];
    size_t length;

    if (all.count > SUITE_MAX - 1)
        refuse("suite: more than %u tests", SUITE_MAX - 1);
    item->test = test;
    item->levels = levels;
    length = format(item->id, sizeof(item->id), test->kind == TEST_ONCE ? "%s" : "%s_l%u", test->id, levels);
    check_id(item->id, length);
}

static uint32_t hash_all(void)
{
    static const char *sorted[SUITE_MAX];
    uint32_t crc = 0;

    for (unsigned i = 0; i < all.count; i++) {
        unsigned at = i;

        for (; at && strcmp(sorted[at - 1], all.item[i].id) > 0; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = all.item[i].id;
    }
    for (unsigned i = 0; i < all.count; i++) {
        if (i)
            crc = crc32(crc, "\n", 1);
        crc = crc32(crc, sorted[i], strlen(sorted[i]));
    }
    return crc;
}

uint32_t suite_build(void)
{
    for (unsigned levels = 4; levels <= 5; levels++)
        for (const struct test *const *t = tests_start; t < tests_end; t++)
            if ((*t)->kind != TEST_ONCE || levels == 4)
                add(*t, levels);
    return hash_all();
}

const struct suite *suite_select(const struct args *args)
{
    const char *globs = args->case_given && !args->tests[0] ? "matrix_case_*" : args->tests;

    for (unsigned i = 0; i < all.count; i++)
        if (glob_selects(globs, all.item[i].id))
            selected.item[selected.count++] = all.item[i];
    return &selected;
}
