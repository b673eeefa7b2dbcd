#pragma once
/* Between the three files that are the machine of a matrix: its pages, its control state, its accesses. */

#include "matrix.h"

#define MATRIX_PATTERN 0x1122334455667788u /* what each kind's eight bytes hold between accesses */

/* Maps all strips for a leaf level, and the program for CPL 3. */
bool matrix_pages_map(unsigned leaf_level);
void matrix_pages_unmap(void);

/* A page's entry as it is now. */
uint64_t matrix_leaf(unsigned lane, unsigned kind);

/* Where the program for CPL 3 stands. */
uint64_t matrix_program(void);
