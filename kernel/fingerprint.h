#pragma once
/* The "# @ fp" line: which machine this is. */

#include "boot_info.h"

/* Prints it. The keys are fixed; a value holds no space. */
void fingerprint_print(const struct boot_info *boot);
