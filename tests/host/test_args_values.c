/* What each word of the command line takes, and what it refuses. */

#include "args_lines.h"

static void good_values(void **state)
{
    (void)state;
    assert_string_equal(parse_good("tests=az_09*?,-z").tests, "az_09*?,-z");
    assert_int_equal(parse_good("paging=4").paging, ARGS_PAGING_4);
    assert_int_equal(parse_good("paging=5").paging, ARGS_PAGING_5);
    assert_int_equal(parse_good("after=exit").after, ARGS_AFTER_EXIT);
    assert_int_equal(parse_good("after=halt").after, ARGS_AFTER_HALT);
    assert_int_equal(parse_good("after=reboot").after, ARGS_AFTER_REBOOT);
    assert_int_equal(parse_good("effort=1").effort, 1);
    assert_int_equal(parse_good("effort=100000").effort, 100000);
    assert_true(parse_good("seed=0").seed_given);
    assert_true(parse_good("seed=18446744073709551615").seed == UINT64_MAX);
    assert_true(parse_good("seed=0xffffffffffffffff").seed == UINT64_MAX);
}

static void assert_console(const char *line, enum console_kind kind, uint64_t address, uint32_t baud)
{
    struct args_console console = parse_good(line).console;

    assert_int_equal(console.kind, kind);
    assert_true(console.address == address);
    assert_int_equal(console.baud, baud);
}

static void assert_pci(const char *line, unsigned bus, unsigned device, unsigned function)
{
    struct args_console console = parse_good(line).console;

    assert_int_equal(console.kind, CONSOLE_PCI);
    assert_true(console.bus == bus && console.device == device && console.function == function);
}

static void good_consoles(void **state)
{
    (void)state;
    assert_console("console=auto", CONSOLE_AUTO, 0, 0);
    assert_console("console=fb", CONSOLE_FB, 0, 0);
    assert_console("console=com1", CONSOLE_PORT, 0x3f8, 0);
    assert_console("console=com2", CONSOLE_PORT, 0x2f8, 0);
    assert_console("console=com3", CONSOLE_PORT, 0x3e8, 0);
    assert_console("console=com4", CONSOLE_PORT, 0x2e8, 0);
    assert_console("console=com4,1200", CONSOLE_PORT, 0x2e8, 1200);
    assert_console("console=0x3f8,0x1c200", CONSOLE_PORT, 0x3f8, 115200);
    assert_console("console=0x1", CONSOLE_PORT, 1, 0);
    assert_console("console=0xfff8,2", CONSOLE_PORT, 0xfff8, 2);
    assert_console("console=0xC000,38400", CONSOLE_PORT, 0xc000, 38400);
    assert_console("console=mmio32:0xfe034000", CONSOLE_MMIO32, 0xfe034000, 0);
    assert_console("console=mmio32:0xfffffffffffe0,9600", CONSOLE_MMIO32, 0xfffffffffffe0, 9600);
    assert_pci("console=pci:00:03.0", 0, 3, 0);
    assert_pci("console=pci:fE:1f.7,57600", 0xfe, 0x1f, 7);
    assert_console("console=pci:00:03.0,57600", CONSOLE_PCI, 0, 57600);
}

/* Every one of the words, separated by blanks, is refused with "<word>: want <want>". */
static void assert_each_refused(const char *want, const char *words)
{
    while (*words != '\0') {
        char word[64], message[ERR_SIZE];
        size_t length = 0;

        while (words[length] != '\0' && words[length] != ' ')
            length++;
        snprintf(word, sizeof(word), "%.*s", (int)length, words);
        snprintf(message, sizeof(message), "%s: want %s", word, want);
        assert_refused(word, message);
        words += length + (words[length] == ' ');
    }
}

static void bad_values(void **state)
{
    (void)state;
    assert_each_refused(
        "1023 at most of a-z 0-9 _ * ? and commas, '-' before what to exclude",
        "tests tests= tests=, tests=a, tests=,a tests=a,,b tests=- tests=a,- tests=--a tests=a-b "
        "tests=A tests=a.b tests=[ab] tests=a=b tests='a' tests=/ tests=: tests=@ tests=` tests={");
    assert_each_refused("4, 5 or both",
                        "paging paging= paging=6 paging=45 paging=Both paging=4,5 paging=4=5");
    assert_each_refused(
        "a number below 2^64, decimal or 0x hexadecimal",
        "seed seed= seed=-1 seed=0x seed=1x seed=18446744073709551616 seed=0x10000000000000000");
    assert_each_refused("a percentage from 1 to 100000",
                        "effort effort= effort=0 effort=100001 effort=-5 effort=50% effort=4294967396 "
                        "effort=18446744073709551716");
    assert_each_refused(
        "auto or fb, or com1 to com4, 0xPORT, mmio32:0xADDR or pci:BB:DD.F, then ,BAUD that divides 115200",
        "console console= console=com console=com0 console=com5 console=COM1 console=0 console=1016 "
        "console=0x console=0x0 console=0xfff9 console=0x10000 console=0x100003f8 console=x "
        "console=auto,9600 console=com1, console=com1,0 console=com1,1 console=com1,7 "
        "console=com1,230400 console=com1,4294976896 console=com1,9600,8n1 console=, "
        "console=,9600 console=fb,9600 console=mmio32 console=mmio32: console=mmio32:0x0 "
        "console=mmio32:0xfe000002 console=mmio32:4261412864 console=mmio32:0x10000000000000 "
        "console=mmio32:0xfffffffffffe4 console=mmio:0xfe000000 console=mmio8:0xfe000000 console=pci: "
        "console=pci:0:3.0 console=pci:00:03 console=pci:00:03.8 console=pci:00:20.0 console=pci:00:03.00 "
        "console=pci:0000:00:03.0 console=pci:0g:03.0 console=pci:00.03:0 console=com1:1");
    assert_each_refused("auto, exit, halt or reboot",
                        "after after= after=shutdown after=exit,halt after=Exit");
    assert_each_refused("no value", "list= list=1 list=off");
    assert_each_refused("quick or full", "matrix matrix= matrix=fast matrix=quick1 matrix=quic");
    assert_each_refused(
        "I/N with 1 <= I <= N <= 1000000",
        "shard shard= shard=1 shard=/2 shard=1/ shard=0/2 shard=3/2 shard=1/1000001 shard=1/2/3");
    assert_each_refused(
        "axis:value,axis:value as a failure line has it, or default",
        "case case= case=key case=key:16 case=keys:1 case=key:1, case=,key:1 case=default,key:1");
    assert_each_refused("off or a number of processors from 1 to 1024",
                        "smp smp= smp=0 smp=1025 smp=offf smp=2,3");
    assert_each_refused("off, cycles or instructions", "bench bench= bench=cycle bench=on bench=cycles,off");
    assert_each_refused("strict or relaxed", "pks_faults pks_faults= pks_faults=off pks_faults=relaxed1");
}

static void runtime_words(void **state)
{
    struct args none = parse_good("");

    (void)state;
    assert_true(none.bench == ARGS_BENCH_OFF && !none.pks_relaxed);
    assert_int_equal(parse_good("bench=off").bench, ARGS_BENCH_OFF);
    assert_int_equal(parse_good("bench=cycles").bench, ARGS_BENCH_CYCLES);
    assert_int_equal(parse_good("bench=instructions").bench, ARGS_BENCH_INSTRUCTIONS);
    assert_true(parse_good("pks_faults=relaxed").pks_relaxed);
    assert_false(parse_good("pks_faults=strict").pks_relaxed);
}

static void matrix_words(void **state)
{
    struct args none = parse_good("");
    struct args all = parse_good("matrix=full shard=3/7 case=key:11,kind:write8");

    (void)state;
    assert_false(none.matrix_full || none.case_given);
    assert_true(none.shard == 1 && none.shards == 1);
    assert_true(all.matrix_full && all.case_given && all.shard == 3 && all.shards == 7);
    assert_int_equal(all.matrix_case.v[PKS_AXIS_key], 11);
    assert_string_equal(pks_value_name(PKS_AXIS_kind, all.matrix_case.v[PKS_AXIS_kind]), "write8");
}

static void lists_of_every_length(void **state)
{
    char line[ARGS_TESTS_SIZE + 16] = "tests=";
    char err[ERR_SIZE];
    struct args args;

    (void)state;
    for (size_t length = 1; length < ARGS_TESTS_SIZE + 4; length++) {
        line[6 + length - 1] = 'a';
        line[6 + length] = '\0';
        assert_int_equal(parse(line, &args, err), length < ARGS_TESTS_SIZE);
        if (length < ARGS_TESTS_SIZE)
            assert_int_equal(strlen(args.tests), length);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_values),  cmocka_unit_test(good_consoles),
        cmocka_unit_test(bad_values),   cmocka_unit_test(runtime_words),
        cmocka_unit_test(matrix_words), cmocka_unit_test(lists_of_every_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
