#pragma once
/*
 * Supervisor protection keys for a kernel: enabling, keys, the rights of the current thread, mappings,
 * faults. README.md in this folder says what holds and why. Source of every rule about the hardware: Intel
 * SDM volume 3, "Protection Keys".
 *
 * Context, unless a function says otherwise: a thread or a handler, not an NMI, on the processor whose rights
 * are meant. Errors are values below 0; a refused call changes nothing.
 */

#include "cpu.h"
#include "paging.h"
#include "percpu.h"
#include "pks/bits.h"
#include "trap.h"

enum pks_rights { PKS_READWRITE = 0, PKS_NOACCESS = X86_PKR_AD, PKS_READONLY = X86_PKR_WD };

/* Results: 0 or a value, or one of these. */
enum pks_result {
    PKS_OK = 0,
    PKS_ABSENT = -1,     /* the processor has no PKS: a normal case */
    PKS_EXHAUSTED = -2,  /* all 15 keys have owners */
    PKS_BAD_KEY = -3,    /* key 0, beyond 15, not allocated, or another owner's by now */
    PKS_IN_USE = -4,     /* mappings still carry the key */
    PKS_BAD_RIGHTS = -5, /* not a right, or not a token of pks_mk_swap() */
    PKS_BAD_FRAME = -6,  /* not a frame that is being handled in this thread */
    PKS_NOT_MAPPED = -7, /* no such mapping, or it cannot be made */
};
const char *pks_result_text(int result);

/* The default rights of a kernel whose own pages are on the key: that key open, all others access-disabled.
 */
static inline uint32_t pks_rights_for(unsigned kernel_key)
{
    return pkr_set(PKRS_DEFAULT | PKR_AD(0), kernel_key, 0);
}

/*
 * Writes the default rights to IA32_PKRS in any case, verifies them by reading back, and only then sets
 * CR4.PKS; does nothing where CPUID shows no PKS. The MSR exists independently of CR4.PKS, so there is no
 * moment at which the checks act on unknown rights. Last step of the boot sequence, on each processor: the
 * entry stubs and the thread switch have to be ready. Returns false when either register does not read back
 * as written.
 */
bool pks_enable(void);

/* True once they are enabled; never where CPUID shows no PKS. */
bool pks_available(void);

/* ---- keys */

/*
 * Gives the lowest free key to `name`, which stays the caller's and has to live as long as the key. No
 * thread, frame or processor has rights for it: each starts at access-disabled. Returns 1 to 15, PKS_ABSENT,
 * or PKS_EXHAUSTED after a line that names the loser and every owner.
 */
int pks_key_alloc(const char *name) __attribute__((warn_unused_result));

/* The same with other default rights: what every thread, present and future, and every handler starts with.
 * For read-only-by-default memory. */
int pks_key_alloc_default(const char *name, enum pks_rights rights) __attribute__((warn_unused_result));

/*
 * Takes a key back, and its rights out of every thread, saved frame and processor. Errors: PKS_BAD_KEY
 * (key 0, never allocated, freed twice), PKS_IN_USE.
 */
int pks_key_free(unsigned key);

/* Opens an allocated key for all threads, frames and processors, for good: until it is freed, nothing takes
 * these rights away and pks_mk_*() succeed without effect. Error: PKS_BAD_KEY. */
int pks_abandon(unsigned key);

/* The owner's name, "" for a key that is not allocated. */
const char *pks_key_owner(unsigned key);

/* How many mappings of pks_page_map() carry the key now; key below X86_PKEYS. */
unsigned pks_key_mappings(unsigned key);

/* One line that lists the owners of all allocated keys. */
void pks_key_report(const char *prefix);

/* ---- rights */

/*
 * They belong to the current thread, and are inline: with a constant key a change compiles to its own mask
 * and value, so that no function exists that loads an arbitrary PKRS.
 *
 * pks_copy is the software copy of this processor's IA32_PKRS. It is written right behind each WRMSR, and by
 * the entry stubs, which load both; so whoever can look at the two, a handler included, finds them equal.
 * A change is made with interrupts off: only an NMI or #MC can come between its steps, and those restore
 * both.
 */
extern bool pks_present;      /* CPUID shows PKS and it is enabled; read by the entry stubs */
extern uint32_t pks_default;  /* the rights the entry stubs load: they keep the kernel's own key open */
extern uint32_t pks_settable; /* keys whose rights can be changed, a bit each: allocated, not abandoned */

#define pks_copy (percpu_here->pkrs) /* what IA32_PKRS of this processor holds */

/* Writes the whole register and the copy. Only where PKS is present. */
static inline void pkrs_write(uint32_t value)
{
    __asm__ volatile("wrmsr\n\tmovl %%eax, %0"
                     : "=m"(pks_copy)
                     : "c"(X86_MSR_IA32_PKRS), "a"(value), "d"(0)
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

/* ---- mappings */

/* The leaf of a kernel data page with a key: for pks_page_map(). */
#define PAGE_KERNEL_PKEY(pkey)                                                                               \
    (struct entry)                                                                                           \
    {                                                                                                        \
        .key = (pkey), .writable = true, .execute_disable = true                                             \
    }

/*
 * Maps one page of `level` in the current space, as page_map() does; the leaf's key must be 0 or allocated.
 * Keeps the key's count of mappings. Errors: PKS_BAD_KEY, PKS_NOT_MAPPED with the reason in *why (may be
 * NULL). Without PKS only key 0 is there to be had.
 */
int pks_page_map(uint64_t va, unsigned level, struct entry leaf, enum map_result *why);

/* Removes a mapping made by pks_page_map(). Error: PKS_NOT_MAPPED. */
int pks_page_unmap(uint64_t va);

/*
 * Changes the key of the live mapping that covers va and invalidates its translation; the new key must be 0
 * or allocated, on every processor. Errors: PKS_BAD_KEY, PKS_NOT_MAPPED.
 */
int pks_page_set_key(uint64_t va, unsigned key);

/*
 * For debugging: walks all tables of the current space for mappings of the memory that va maps which have
 * another key, prints a line for each (its address as the tables have it, not sign-extended), and returns
 * their number. What an alias reaches is not protected by the key.
 */
unsigned pks_page_aliases(uint64_t va, const char *prefix);

/* ---- faults */

/* What a denied access was. Hardware reports the address only: key, level and owner come from a walk of the
 * tables in CR3. */
struct pks_fault {
    uint64_t va;
    unsigned key, level;
    bool write;
    uint32_t rights;    /* of the key, in the interrupted context */
    const char *owner;  /* "" where the key is not allocated */
    const char *thread; /* that was interrupted */
    unsigned depth;     /* handlers below the faulting code: 0 for a thread's own */
};

/*
 * Decides about one fault of a key: true to go on in the interrupted context, after having relaxed it with
 * pks_update_exception(), moved its RIP, or changed the page's key. To go on with nothing relaxed is detected
 * and reported as an error of the callback. It runs as a part of the #PF handler, with the default rights and
 * interrupts off; it may sleep. A fault of its own on its own key is reported and not handed to it again.
 */
typedef bool pks_callback(struct trap_frame *frame, const struct pks_fault *fault);

/* Sets the callback of an allocated key, NULL for none. Error: PKS_BAD_KEY. */
int pks_key_on_fault(unsigned key, pks_callback *callback);

/*
 * Changes one key in what `frame`, and nothing else, gets back when its handler returns. `frame` is one
 * that is being handled in the current thread, at any depth. Errors: PKS_BAD_FRAME, PKS_BAD_KEY,
 * PKS_BAD_RIGHTS.
 */
int pks_update_exception(struct trap_frame *frame, unsigned key, enum pks_rights rights);

/* pks_faults= of the command line. */
enum pks_mode {
    PKS_STRICT,  /* a denied access that nobody relaxes ends its thread */
    PKS_RELAXED, /* it warns once for each key and opens the key for the faulting context only */
};
void pks_set_mode(enum pks_mode mode);

/* For the runner: forgets every key, callback, count and default; true if there was anything to forget. */
bool pks_reset(void);
