#pragma once
/* The layout of PKRU and IA32_PKRS: two bits a key. Source: Intel SDM volume 3, "Protection Keys". */

#include "x86.h"

#include <stdint.h>

#define PKR_SHIFT(key) ((key)*X86_PKR_KEY_BITS)
#define PKR_AD(key)    ((uint32_t)X86_PKR_AD << PKR_SHIFT(key))
#define PKR_WD(key)    ((uint32_t)X86_PKR_WD << PKR_SHIFT(key))
#define PKR_MASK(key)  (PKR_AD(key) | PKR_WD(key))

/* Key 0 open, every other key access-disabled. */
#define PKRS_DEFAULT 0x55555554u

/* The two bits of one key, X86_PKR_AD | X86_PKR_WD; key below X86_PKEYS. */
static inline uint32_t pkr_get(uint32_t pkr, unsigned key)
{
    return pkr >> PKR_SHIFT(key) & (X86_PKR_AD | X86_PKR_WD);
}

/* The register with one key's two bits replaced, every other key as it was. */
static inline uint32_t pkr_set(uint32_t pkr, unsigned key, uint32_t rights)
{
    return (pkr & ~PKR_MASK(key)) | rights << PKR_SHIFT(key);
}
