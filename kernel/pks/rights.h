#pragma once
/*
 * The part of pks.h that is inline: the rights of the current thread. They belong to it wherever it runs;
 * with a constant key a change compiles to its own mask and value, so that no function exists that loads an
 * arbitrary PKRS.
 */

#include "cpu.h"
#include "percpu.h"
#include "pks/bits.h"

/*
 * pks_copy is the software copy of this processor's IA32_PKRS. It is written right behind each WRMSR, and by
 * the entry stubs, which load both; so whoever can look at the two, a handler included, finds them equal.
 * A change is made with interrupts off: only an NMI or #MC can come between its steps, and those restore
 * both.
 */
extern bool pks_present;      /* CPUID shows PKS and it is enabled; read by the entry stubs */
extern uint32_t pks_default;  /* the rights the entry stubs load: they keep the kernel's own key open */
extern uint32_t pks_settable; /* keys whose rights can be changed, a bit each: allocated, not abandoned */

#define pks_copy (percpu_here.pkrs) /* what IA32_PKRS of this processor holds */

/* Writes the whole register and the copy. Only where PKS is present. */
static inline void pkrs_write(uint32_t value)
{
    __asm__ volatile(
        "wrmsr\n\tmovl %%eax, %%gs:%c[copy]" /* clang forgets the segment of an operand in memory */
        :
        : "c"(X86_MSR_IA32_PKRS), "a"(value), "d"(0), [copy] "i"(X86_PERCPU_PKRS)
        : "memory");
}

/* For a key that cannot be set: PKS_OK if it is abandoned, otherwise why not. */
int pks_refused(unsigned key);

/* Distinguishes the owners that a key has had; part of a token. */
uint32_t pks_key_generation(unsigned key);

static inline __attribute__((always_inline)) bool pks_can_set(unsigned key)
{
    return key < X86_PKEYS && *(const volatile uint32_t *)&pks_settable >> key & 1;
}

/* True if the key may be set by whoever knows its generation: NULL for the owner. */
static inline __attribute__((always_inline)) bool pks_may_set(unsigned key, const uint32_t *generation)
{
    return pks_can_set(key) && (!generation || pks_key_generation(key) == *generation);
}

static inline __attribute__((always_inline)) int pks_change(unsigned key, enum pks_rights rights,
                                                            const uint32_t *generation)
{
    uint64_t flags;
    bool can_set = pks_can_set(key);

    if (can_set && pkr_get(*(const volatile uint32_t __seg_gs *)&pks_copy, key) != rights) {
        flags = irq_save();
        can_set = pks_may_set(key, generation); /* it may have been freed, or abandoned, just now */
        if (can_set)
            pkrs_write(pkr_set(pks_copy, key, rights));
        irq_restore(flags);
    }
    return can_set ? PKS_OK : pks_refused(key);
}

static inline __attribute__((always_inline)) int pks_mk(unsigned key, enum pks_rights rights)
{
    return pks_change(key, rights, NULL);
}

/*
 * Set the current thread's rights for an allocated key; in force at the next instruction. A call that changes
 * nothing touches no MSR. Error: PKS_BAD_KEY. In a handler they are the handler's own, gone when it returns.
 */
static inline __attribute__((always_inline)) int pks_mk_noaccess(unsigned key)
{
    return pks_mk(key, PKS_NOACCESS);
}

static inline __attribute__((always_inline)) int pks_mk_readonly(unsigned key)
{
    return pks_mk(key, PKS_READONLY);
}

static inline __attribute__((always_inline)) int pks_mk_readwrite(unsigned key)
{
    return pks_mk(key, PKS_READWRITE);
}

#define PKS_TOKEN_RIGHTS 3 /* low bits of a token: the rights; above them the key's generation */

/* The same, returning a token of the previous rights for pks_mk_restore(), so that open sections can nest.
 * Error: PKS_BAD_KEY, which pks_mk_restore() refuses in its turn. */
static inline __attribute__((always_inline)) int pks_mk_swap(unsigned key, enum pks_rights rights)
{
    uint32_t token = key < X86_PKEYS ? pks_key_generation(key) << 2 | pkr_get(pks_copy, key) : 0;
    int result = pks_mk(key, rights);

    return result < 0 ? result : (int)token;
}

/* Back to what a token says. Errors: PKS_BAD_RIGHTS, and PKS_BAD_KEY also where the key has had another owner
 * since: the rights of the old one mean nothing for the new one. */
static inline __attribute__((always_inline)) int pks_mk_restore(unsigned key, int token)
{
    uint32_t rights = (uint32_t)token & PKS_TOKEN_RIGHTS;
    uint32_t generation = (uint32_t)token >> 2;

    if (token < 0 || rights > PKS_READONLY)
        return PKS_BAD_RIGHTS;
    if (key >= X86_PKEYS || pks_key_generation(key) != generation)
        return PKS_BAD_KEY;
    return pks_change(key, (enum pks_rights)rights, &generation);
}
