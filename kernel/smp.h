#pragma once
/* The processors of the machine. */

#include "percpu.h"

/* The block of a processor, NULL where there is none of that number. */
struct percpu *percpu_of(unsigned number);
