#pragma once
/* The 64-bit task-state segment. Source: Intel SDM volume 3, "Task Management in 64-bit Mode". */

#include "x86.h"

#include <stddef.h>
#include <stdint.h>

#define TSS_SIZE 104

struct __attribute__((packed)) tss {
    uint32_t reserved0;
    uint64_t rsp[3];
    uint64_t reserved1;
    uint64_t ist[7];
    uint64_t reserved2;
    uint16_t reserved3;
    uint16_t io_bitmap; /* offset; at or past the limit: no bitmap */
};
_Static_assert(sizeof(struct tss) == TSS_SIZE, "64-bit TSS");
_Static_assert(offsetof(struct tss, ist) == X86_TSS_IST1, "64-bit TSS");
