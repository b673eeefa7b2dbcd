#pragma once
/* The loop over the suite. */

#include "args.h"
#include "boot_info.h"
#include "tap.h"

/* Runs or lists everything the command line selects, prints the rest of the protocol, and gives the verdict.
 */
enum verdict runner_run(const struct args *args, const struct boot_info *boot);
