#pragma once
/* The kernel command line as a value. */

#include "pks/space.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARGS_TESTS_SIZE 1024
#define ARGS_CASE_SIZE  512
#define ARGS_SMP_MAX    1024 /* processors, with and without smp= */

enum args_paging { ARGS_PAGING_BOTH, ARGS_PAGING_4, ARGS_PAGING_5 };
enum args_after { ARGS_AFTER_AUTO, ARGS_AFTER_EXIT, ARGS_AFTER_HALT, ARGS_AFTER_REBOOT };

enum args_bench { ARGS_BENCH_OFF, ARGS_BENCH_CYCLES, ARGS_BENCH_INSTRUCTIONS };

/* console= */
enum console_kind { CONSOLE_AUTO, CONSOLE_PORT, CONSOLE_MMIO32, CONSOLE_PCI, CONSOLE_FB };
struct args_console {
    enum console_kind kind;
    uint64_t address; /* of a UART's first register: a port, or memory */
    uint32_t baud;    /* divides 115200; 0 unless given */
    uint8_t bus, device, function;
};

struct args {
    char tests[ARGS_TESTS_SIZE]; /* tests=: list for glob_selects(), empty for all */
    enum args_paging paging;
    enum args_after after;
    struct args_console console;
    uint64_t seed; /* seed=: decimal or 0x hexadecimal */
    bool seed_given;
    uint32_t effort; /* percent, 100 unless given; 1 to 100000 */
    unsigned smp;    /* processors at most; 0: all there are */
    bool list;
    enum args_bench bench;
    bool pks_relaxed;       /* pks_faults=relaxed */
    bool matrix_full;       /* matrix=full */
    uint32_t shard, shards; /* shard=I/N, 1/1 unless given */
    bool case_given;
    struct pks_case matrix_case; /* case= */
};

/*
 * Parses a NUL-terminated line of words separated by spaces or tabs into *out, defaults first.
 * Returns false on the first bad word and writes one sentence that names it into err ("unknown word 'x=1'",
 * "paging=6: want 4, 5 or both", "paging given twice"). *out then holds the defaults, and in `after` the
 * first after= of the line that can be read: a refusal on hardware has to stay on the screen. Stricter than
 * glob_selects(): no pattern may be empty, and '-' stands only at its start.
 */
bool args_parse(const char *line, struct args *out, char *err, size_t err_size);
