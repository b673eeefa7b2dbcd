#pragma once
/* Running the rows of one group on the machine. */

/* Every row of golden.def with this group: fails where the machine differs, notes what is left out and why.
 */
void golden_run(const char *group);
