#include "args_values.h"

#include "pks/space.h"
#include "string.h"

struct choice {
    const char *text;
    unsigned value;
};

static const struct choice paging_choices[] = {
    {"both", ARGS_PAGING_BOTH},
    {"4", ARGS_PAGING_4},
    {"5", ARGS_PAGING_5},
    {NULL, 0},
};

static const struct choice after_choices[] = {
    {"auto", ARGS_AFTER_AUTO},
    {"exit", ARGS_AFTER_EXIT},
    {"halt", ARGS_AFTER_HALT},
    {"reboot", ARGS_AFTER_REBOOT},
    {NULL, 0},
};

static const struct choice bench_choices[] = {
    {"off", ARGS_BENCH_OFF},
    {"cycles", ARGS_BENCH_CYCLES},
    {"instructions", ARGS_BENCH_INSTRUCTIONS},
    {NULL, 0},
};

static const struct choice *choice_find(const struct choice *choice, struct slice value)
{
    while (choice->text != NULL && !slice_equals(value, choice->text))
        choice++;
    return choice->text != NULL ? choice : NULL;
}

static bool is_pattern_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '*' || c == '?';
}

/* One pattern: a '-' may lead it, and something must follow. No id holds a '-', so elsewhere it is a mistake.
 */
static bool is_pattern(struct slice pattern)
{
    size_t at = pattern.length > 0 && pattern.s[0] == '-';

    if (at == pattern.length)
        return false;
    while (at < pattern.length && is_pattern_char(pattern.s[at]))
        at++;
    return at == pattern.length;
}

bool args_set_tests(struct args *out, struct slice value)
{
    struct slice rest = value;

    if (value.length >= sizeof(out->tests))
        return false;
    do {
        if (!is_pattern(slice_cut(rest, ',', &rest)))
            return false;
    } while (rest.s != NULL);
    memcpy(out->tests, value.s, value.length);
    out->tests[value.length] = '\0';
    return true;
}

bool args_set_paging(struct args *out, struct slice value)
{
    const struct choice *choice = choice_find(paging_choices, value);

    out->paging = choice != NULL ? (enum args_paging)choice->value : ARGS_PAGING_BOTH;
    return choice != NULL;
}

bool args_set_after(struct args *out, struct slice value)
{
    const struct choice *choice = choice_find(after_choices, value);

    out->after = choice != NULL ? (enum args_after)choice->value : ARGS_AFTER_AUTO;
    return choice != NULL;
}

bool args_set_seed(struct args *out, struct slice value)
{
    out->seed_given = slice_number(value, &out->seed);
    return out->seed_given;
}

bool args_set_effort(struct args *out, struct slice value)
{
    uint64_t percent;

    if (!slice_number(value, &percent) || percent < 1 || percent > EFFORT_MAX)
        return false;
    out->effort = (uint32_t)percent;
    return true;
}

bool args_set_smp(struct args *out, struct slice value)
{
    uint64_t processors;

    if (slice_equals(value, "off")) {
        out->smp = 1;
        return true;
    }
    if (!slice_number(value, &processors) || processors < 1 || processors > ARGS_SMP_MAX)
        return false;
    out->smp = (unsigned)processors;
    return true;
}

bool args_set_list(struct args *out, struct slice value)
{
    out->list = value.s == NULL;
    return out->list;
}

bool args_set_matrix(struct args *out, struct slice value)
{
    out->matrix_full = slice_equals(value, "full");
    return out->matrix_full || slice_equals(value, "quick");
}

bool args_set_bench(struct args *out, struct slice value)
{
    const struct choice *choice = choice_find(bench_choices, value);

    out->bench = choice != NULL ? (enum args_bench)choice->value : ARGS_BENCH_OFF;
    return choice != NULL;
}

bool args_set_pks_faults(struct args *out, struct slice value)
{
    out->pks_relaxed = slice_equals(value, "relaxed");
    return out->pks_relaxed || slice_equals(value, "strict");
}

bool args_set_shard(struct args *out, struct slice value)
{
    struct slice count;
    struct slice index = slice_cut(value, '/', &count);
    uint64_t i, n;

    if (!slice_number(index, &i) || !slice_number(count, &n) || i < 1 || i > n || n > SHARDS_MAX)
        return false;
    out->shard = (uint32_t)i;
    out->shards = (uint32_t)n;
    return true;
}

bool args_set_case(struct args *out, struct slice value)
{
    char text[ARGS_CASE_SIZE], err[ARGS_CASE_SIZE];

    if (value.length == 0 || value.length >= sizeof(text))
        return false;
    memcpy(text, value.s, value.length);
    text[value.length] = '\0';
    out->case_given = pks_case_parse(text, &out->matrix_case, err, sizeof(err));
    return out->case_given;
}
