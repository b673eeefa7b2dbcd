#pragma once
/* Printing machine state so that a person can read it. Every line gets the given prefix. */

#include "paging.h"

/* The current walk of an address, level by level, every entry decoded. */
void report_walk(const char *prefix, uint64_t va);

/* A rights register: the raw value, then each key with what it allows: "0:rw 1:-- 2:r-" and so on. */
void report_rights(const char *prefix, const char *name, uint32_t pkr);

/* "function+0x12", or "?" outside the text. */
struct place_text {
    char s[64];
};
struct place_text report_place(uint64_t address);
