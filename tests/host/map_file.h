#pragma once
/* A memory map in the words of Linux' kernel log, as the files of tests/host/maps have it. */

#include "host.h"

#include "boot_info.h"

#include <stdio.h>

/* The map, and nothing else that a loader says. */
static inline struct boot_info map_read(const char *path)
{
    struct boot_info boot = {.loader = "file"};
    unsigned long long first, last;
    char line[256], kind[16];
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    while (fgets(line, sizeof(line), file)) {
        if (line[0] == '#')
            continue;
        assert_int_equal(sscanf(line, "BIOS-e820: [mem %llx-%llx] %15s", &first, &last, kind), 3);
        assert_true(boot.map_count < BOOT_MAP_MAX);
        boot.map[boot.map_count++] = (struct mem_range){first, last + 1, strcmp(kind, "usable") == 0};
    }
    fclose(file);
    return boot;
}
