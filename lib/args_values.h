#pragma once
/* The values of the command line's words. Each function takes what stands behind '=' (s = NULL without '='),
 * puts it into *out and returns false if it is not what the word wants. */

#include "args.h"
#include "slice.h"

#define EFFORT_MAX 100000
#define SHARDS_MAX 1000000

bool args_set_tests(struct args *out, struct slice value);
bool args_set_paging(struct args *out, struct slice value);
bool args_set_seed(struct args *out, struct slice value);
bool args_set_effort(struct args *out, struct slice value);
bool args_set_console(struct args *out, struct slice value);
bool args_set_after(struct args *out, struct slice value);
bool args_set_smp(struct args *out, struct slice value);
bool args_set_list(struct args *out, struct slice value);
bool args_set_matrix(struct args *out, struct slice value);
bool args_set_shard(struct args *out, struct slice value);
bool args_set_case(struct args *out, struct slice value);
bool args_set_bench(struct args *out, struct slice value);
bool args_set_pks_faults(struct args *out, struct slice value);
