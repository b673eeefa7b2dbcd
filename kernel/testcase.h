#pragma once
/* What a test is, how it registers, and what it may say while it runs. */

#include "args.h"
#include "tap.h"

#include <stdbool.h>

#include <stdint.h>

enum test_kind {
    TEST_PAGING, /* runs once under each paging mode; "_l4" or "_l5" is added to its id */
    TEST_ONCE,   /* does not depend on paging */
    TEST_SMP,    /* the same as TEST_PAGING, with all processors awake; skipped where there is one */
    TEST_DEATH,  /* its right ending is the death of the machine; under each paging mode */
};

struct test {
    const char *id;
    const char *about; /* one sentence */
    void (*run)(void);
    enum test_kind kind;
};

/* A pointer in a section of its own, sorted by the linker: no list to maintain, no padding between structs.
 */
#define TEST_DEFINE(name, sentence, test_kind)                                                               \
    static void test_##name(void);                                                                           \
    static const struct test test_struct_##name = {#name, sentence, test_##name, test_kind};                 \
    __attribute__((used, section(".tests." #name))) static const struct test *const test_pointer_##name =    \
        &test_struct_##name;                                                                                 \
    static void test_##name(void)

#define TEST(name, sentence)       TEST_DEFINE(name, sentence, TEST_PAGING)
#define ONCE_TEST(name, sentence)  TEST_DEFINE(name, sentence, TEST_ONCE)
#define SMP_TEST(name, sentence)   TEST_DEFINE(name, sentence, TEST_SMP)
#define DEATH_TEST(name, sentence) TEST_DEFINE(name, sentence, TEST_DEATH)

/* For the running test. The worst thing said counts; the words appear on a line of their own. */
void test_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));  /* the machine is wrong */
void test_error(const char *fmt, ...) __attribute__((format(printf, 1, 2))); /* we are wrong */
void test_skip(const char *reason);                                          /* then return */
void test_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));  /* "# @ ..." */

/* To be called at least every second or so by a test that runs long: prints "# @ alive" every two seconds. */
void test_alive(void);

/* The worst said so far: VERDICT_PASS until something was. */
enum verdict test_verdict(void);

/*
 * Runs function(argument) as a test of its own that prints nothing and leaves the running test's verdict
 * alone; returns what it would have been, VERDICT_SKIP where nobody said anything. For tests of the
 * comparisons themselves. Not nested.
 */
enum verdict test_rehearse(void (*function)(void *), void *argument);

/* A death test is about to die: after this line the end of the machine is a pass. */
void test_armed(void);

/* 4 or 5: the paging mode the running test runs under; and its random seed, equal for all tests of a run. */
unsigned test_levels(void);
uint64_t test_seed(void);

/* The whole command line, for tests with words of their own. */
const struct args *test_args(void);

/* Iterations of a random loop, scaled by effort=. */
unsigned test_effort(unsigned iterations);

/* For the runner: says what the command line asks for, starts a test with a clean record, and takes the
 * verdict and its reason. */
void test_configure(const struct args *command_line);
void test_begin(unsigned levels);
enum verdict test_end(const char **reason);

/* For the runner: the test broke; its record says so whatever it said before. */
void test_broken(const char *reason);
