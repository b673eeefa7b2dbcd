/* The kernel command line as a line: defaults, words together, unknown and repeated words, messages. */

#include "args_lines.h"

static void assert_defaults(const struct args *args)
{
    assert_string_equal(args->tests, "");
    assert_int_equal(args->paging, ARGS_PAGING_BOTH);
    assert_int_equal(args->after, ARGS_AFTER_AUTO);
    assert_int_equal(args->console.kind, CONSOLE_AUTO);
    assert_true(args->console.address == 0 && args->console.baud == 0);
    assert_true(args->seed == 0);
    assert_false(args->seed_given);
    assert_int_equal(args->effort, 100);
    assert_int_equal(args->smp, 0);
    assert_false(args->list);
    assert_int_equal(args->bench, ARGS_BENCH_OFF);
    assert_false(args->pks_relaxed);
}

static void lines_that_change_nothing(void **state)
{
    static const char *const lines[] = {
        "",
        " ",
        "\t  \t",
        "paging=both",
        "after=auto",
        "console=auto",
        "effort=100",
        "bench=off",
        "matrix=quick",
        "pks_faults=strict",
        "  paging=both	after=auto  console=auto effort=100	",
        "matrix=quick bench=off pks_faults=strict",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(lines); i++) {
        struct args args = parse_good(lines[i]);

        assert_defaults(&args);
    }
}

static void a_word_changes_its_own_value_only(void **state)
{
    struct args args;

    (void)state;
    args = parse_good("tests=self_*,-death_?9");
    assert_string_equal(args.tests, "self_*,-death_?9");
    args.tests[0] = '\0';
    assert_defaults(&args);

    args = parse_good("smp=off");
    assert_int_equal(args.smp, 1);
    args = parse_good("smp=1024");
    assert_int_equal(args.smp, 1024);
    args.smp = 0;
    assert_defaults(&args);

    args = parse_good("paging=5");
    assert_int_equal(args.paging, ARGS_PAGING_5);
    args.paging = ARGS_PAGING_BOTH;
    assert_defaults(&args);

    args = parse_good("after=halt");
    assert_int_equal(args.after, ARGS_AFTER_HALT);
    args.after = ARGS_AFTER_AUTO;
    assert_defaults(&args);

    args = parse_good("seed=7");
    assert_true(args.seed == 7 && args.seed_given);
    args.seed = 0;
    args.seed_given = false;
    assert_defaults(&args);

    args = parse_good("effort=250");
    assert_int_equal(args.effort, 250);
    args.effort = 100;
    assert_defaults(&args);

    args = parse_good("console=com2,9600");
    assert_int_equal(args.console.kind, CONSOLE_PORT);
    assert_true(args.console.address == 0x2f8 && args.console.baud == 9600);
    args.console = (struct args_console){.kind = CONSOLE_AUTO};
    assert_defaults(&args);

    args = parse_good("list");
    assert_true(args.list);
    args.list = false;
    assert_defaults(&args);
}

static void all_words_in_one_line(void **state)
{
    struct args args =
        parse_good("list after=reboot console=0x2e8,57600 effort=1 seed=0xff paging=4 tests=a");

    (void)state;
    assert_true(args.list);
    assert_int_equal(args.after, ARGS_AFTER_REBOOT);
    assert_true(args.console.address == 0x2e8 && args.console.baud == 57600);
    assert_int_equal(args.effort, 1);
    assert_true(args.seed == 255 && args.seed_given);
    assert_int_equal(args.paging, ARGS_PAGING_4);
    assert_string_equal(args.tests, "a");
}

static void unknown_words(void **state)
{
    static const char *const lines[] = {
        "foo=1", "foo",   "=",     "=1",    "cases=1", "shards=1/2", "Paging=4", "pagin=4",       "paging4",
        "-list", "lists", "list,", "quiet", "tests,a", "%s%n",       "paging:4", "consoles=com1",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(lines); i++) {
        char want[ERR_SIZE];

        snprintf(want, sizeof(want), "unknown word '%s'", lines[i]);
        assert_refused(lines[i], want);
    }
}

static void the_first_bad_word_is_named(void **state)
{
    (void)state;
    assert_refused("\tlist  paging=6  foo=1", "paging=6: want 4, 5 or both");
    assert_refused("foo=1 paging=6", "unknown word 'foo=1'");
    assert_refused("paging=4 paging=6 foo", "paging given twice");
}

/* Twice is wrong even where both say the same, and with anything between the two. */
static void words_given_twice(void **state)
{
    static const char *const words[] = {
        "tests=a", "paging=4",     "seed=1",  "effort=1",  "console=com1",      "after=halt",
        "list",    "matrix=quick", "smp=off", "bench=off", "pks_faults=strict",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(words); i++)
        for (size_t j = 0; j < COUNT(words); j++) {
            char line[128], want[ERR_SIZE];
            int name = 0;

            while (words[i][name] != '\0' && words[i][name] != '=')
                name++;
            snprintf(want, sizeof(want), "%.*s given twice", name, words[i]);
            snprintf(line, sizeof(line), "%s %s", words[i], words[j]);
            if (i == j) {
                assert_refused(line, want);
                continue;
            }
            parse_good(line);
            snprintf(line, sizeof(line), "%s %s %s", words[i], words[j], words[i]);
            assert_refused(line, want);
        }
}

static void a_long_word_is_named_in_part(void **state)
{
    char line[4096];

    (void)state;
    memset(line, 'x', sizeof(line) - 1);
    line[sizeof(line) - 1] = '\0';
    assert_refused(line,
                   "unknown word 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...'");
}

static void small_message_buffers(void **state)
{
    const char *want = "unknown word 'foo'";
    struct args args;

    (void)state;
    for (size_t size = 0; size <= strlen(want) + 1; size++) {
        char *err = exact_room(size);

        assert_false(args_parse("foo", &args, err, size));
        if (size > 0) {
            assert_memory_equal(err, want, size - 1);
            assert_int_equal(err[size - 1], '\0');
        }
        exact_free(err);
    }
}

static void a_refused_line_still_says_how_to_leave(void **state)
{
    static const struct {
        const char *line;
        enum args_after after;
    } rows[] = {
        {"foo", ARGS_AFTER_AUTO},
        {"foo after=halt", ARGS_AFTER_HALT},
        {"after=halt foo", ARGS_AFTER_HALT},
        {"foo after=nowhere after=exit", ARGS_AFTER_EXIT},
        {"after=halt after=exit", ARGS_AFTER_HALT},
        {"after=halt \x01", ARGS_AFTER_HALT},
        {"foo after", ARGS_AFTER_AUTO},
        {"foo xafter=halt", ARGS_AFTER_AUTO},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct args args = {.after = ARGS_AFTER_REBOOT};
        char err[160];

        assert_false(args_parse(rows[i].line, &args, err, sizeof(err)));
        assert_int_equal(args.after, rows[i].after);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_that_change_nothing),
        cmocka_unit_test(a_word_changes_its_own_value_only),
        cmocka_unit_test(all_words_in_one_line),
        cmocka_unit_test(unknown_words),
        cmocka_unit_test(the_first_bad_word_is_named),
        cmocka_unit_test(words_given_twice),
        cmocka_unit_test(a_long_word_is_named_in_part),
        cmocka_unit_test(small_message_buffers),
        cmocka_unit_test(a_refused_line_still_says_how_to_leave),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
