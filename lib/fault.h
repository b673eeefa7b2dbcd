#pragma once
/* One fault as one value: none, or a vector and its error code. Compare with ==, print with fault_text(). */

#include "x86.h"

#include <stdbool.h>
#include <stdint.h>

typedef uint32_t fault_t;

#define FAULT_NONE          ((fault_t)0)
#define FAULT(vector, code) ((fault_t)(0x80000000u | (uint32_t)(vector) << 16 | (uint32_t)(code)))
#define FAULT_PF(code)      FAULT(X86_VEC_PF, code)
#define FAULT_GP(code)      FAULT(X86_VEC_GP, code)

static inline unsigned fault_vector(fault_t fault)
{
    return fault >> 16 & 0xff;
}

static inline unsigned fault_code(fault_t fault)
{
    return fault & 0xffff;
}

/* True where the processor pushes an error code for this vector (vectors of 32 and more never do). */
static inline bool fault_has_code(unsigned vector)
{
    return vector < 32 && ((uint32_t)X86_EC_VECTORS >> vector & 1);
}

struct fault_text {
    char s[32];
};

/*
 * The printed form: "none", "#UD", "#GP[0018]" (hexadecimal), and for #PF the error code as letters in fixed
 * columns, most significant bit first, '-' where a bit is clear: K protection key, I fetch, R reserved bit,
 * U user or s supervisor, W write or r read, P present; "#PF[K--sWP]". Shadow stack and SGX bits follow as
 * "+SS", "+SGX", any other bit as "+0x..." inside the brackets: "#PF[---srP+SS]". A code that is not zero
 * prints even where the processor pushes none, so no two faults print alike. A vector without a mnemonic
 * prints as "#33".
 */
struct fault_text fault_text(fault_t fault);

/* The mnemonic of a vector without '#': "PF", or NULL where the manual gives none. */
const char *vector_name(unsigned vector);
