#pragma once
/* Lines for args_parse() and what must hold for each of them. */

#include "host.h"

#include "args.h"

#include <stdio.h>

#define ERR_SIZE 256

/* Parses an exact copy of the line with an exact message buffer. */
static inline bool parse(const char *line, struct args *out, char err[ERR_SIZE])
{
    char *exact = exact_copy(line, strlen(line) + 1);
    char *message = exact_room(ERR_SIZE);
    bool ok = args_parse(exact, out, message, ERR_SIZE);

    if (!ok) {
        assert_message(message);
        assert_true(strlen(message) < ERR_SIZE - 1); /* not cut */
        memcpy(err, message, ERR_SIZE);
    }
    exact_free(message);
    exact_free(exact);
    return ok;
}

static inline struct args parse_good(const char *line)
{
    struct args out;
    char err[ERR_SIZE] = "";

    memset(&out, 0xa5, sizeof(out));
    if (!parse(line, &out, err))
        fail_msg("'%s' refused: %s", line, err);
    return out;
}

static inline void assert_refused(const char *line, const char *want)
{
    struct args out;
    char err[ERR_SIZE];

    if (parse(line, &out, err))
        fail_msg("'%s' accepted", line);
    assert_string_equal(err, want);
}
