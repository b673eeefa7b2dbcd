#include "args.h"

#include "args_values.h"
#include "format.h"
#include "string.h"

#define DIGITS(number) #number
#define TEXT(macro)    DIGITS(macro)

/* A word without a function has one value only, and that is what it wants. */
static const struct word {
    const char *name;
    const char *want;
    bool (*set)(struct args *out, struct slice value);
} words[] = {
    {"tests", "1023 at most of a-z 0-9 _ * ? and commas, '-' before what to exclude", args_set_tests},
    {"paging", "4, 5 or both", args_set_paging},
    {"seed", "a number below 2^64, decimal or 0x hexadecimal", args_set_seed},
    {"effort", "a percentage from 1 to " TEXT(EFFORT_MAX), args_set_effort},
    {"console",
     "auto or fb, or com1 to com4, 0xPORT, mmio32:0xADDR or pci:BB:DD.F, then ,BAUD that divides 115200",
     args_set_console},
    {"after", "auto, exit, halt or reboot", args_set_after},
    {"list", "no value", args_set_list},
    {"matrix", "quick or full", args_set_matrix},
    {"shard", "I/N with 1 <= I <= N <= " TEXT(SHARDS_MAX), args_set_shard},
    {"case", "axis:value,axis:value as a failure line has it, or default", args_set_case},
    {"smp", "off or a number of processors from 1 to " TEXT(ARGS_SMP_MAX), args_set_smp},
    {"bench", "off, cycles or instructions", args_set_bench},
    {"pks_faults", "strict or relaxed", args_set_pks_faults},
};

#define WORDS (sizeof(words) / sizeof(words[0]))

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The next word; empty at the end of the line. */
static struct slice take_word(const char **line)
{
    struct slice word;

    while (is_blank(**line))
        ++*line;
    word.s = *line;
    while (**line != '\0' && !is_blank(**line))
        ++*line;
    word.length = (size_t)(*line - word.s);
    return word;
}

static bool is_plain(struct slice word)
{
    for (size_t i = 0; i < word.length; i++)
        if (word.s[i] < ' ' || word.s[i] > '~')
            return false;
    return true;
}

/* Puts one word into *out; *seen holds the words met so far, one bit each. */
static bool word_parse(struct slice word, struct args *out, uint32_t *seen, char *err, size_t err_size)
{
    struct slice value;
    struct slice name = slice_cut(word, '=', &value);
    unsigned i = 0;

    while (i < WORDS && !slice_equals(name, words[i].name))
        i++;
    if (i == WORDS) {
        format(err, err_size, "unknown word '%s'", slice_text(word).s);
        return false;
    }
    if (*seen >> i & 1) {
        format(err, err_size, "%s given twice", words[i].name);
        return false;
    }
    *seen |= 1u << i;
    if (words[i].set != NULL ? !words[i].set(out, value) : !slice_equals(value, words[i].want)) {
        format(err, err_size, "%s: want %s", slice_text(word).s, words[i].want);
        return false;
    }
    return true;
}

/* Of a line that is refused: the first of its words that says how to leave the machine. */
static enum args_after find_after(const char *line)
{
    struct args found = {.after = ARGS_AFTER_AUTO};
    struct slice word, value;

    for (word = take_word(&line); word.length != 0; word = take_word(&line))
        if (slice_equals(slice_cut(word, '=', &value), "after") && args_set_after(&found, value))
            break;
    return found.after;
}

static bool words_parse(const char *line, struct args *out, char *err, size_t err_size)
{
    uint32_t seen = 0;

    for (;;) {
        struct slice word = take_word(&line);

        if (word.length == 0)
            return true;
        if (!is_plain(word)) {
            format(err, err_size, "word '%s' holds a byte that is not printable ASCII", slice_text(word).s);
            return false;
        }
        if (!word_parse(word, out, &seen, err, err_size))
            return false;
    }
}

bool args_parse(const char *line, struct args *out, char *err, size_t err_size)
{
    const struct args defaults = {.effort = 100, .shard = 1, .shards = 1};

    *out = defaults;
    if (words_parse(line, out, err, err_size))
        return true;
    *out = defaults;
    out->after = find_after(line);
    return false;
}
