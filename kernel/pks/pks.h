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

/* ---- rights of the current thread: inline */

#include "rights.h"

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
