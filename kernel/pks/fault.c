/*
 * What a denied access was, and who decides about it. The trap path asks the owner's callback first, then the
 * copy routine's fix-up, then the mode.
 */

#include "internal.h"

#include "log.h"
#include "thread.h"

#include <stddef.h>

static pks_callback *callbacks[X86_PKEYS];
static enum pks_mode mode;
static uint16_t warned; /* relaxed mode: keys it has warned about */

void pks_set_mode(enum pks_mode new_mode)
{
    mode = new_mode;
}

int pks_key_on_fault(unsigned key, pks_callback *callback)
{
    if (!key || !pks_key_usable(key))
        return PKS_BAD_KEY;
    callbacks[key] = callback;
    return PKS_OK;
}

static bool denies(uint32_t rights, bool write)
{
    return rights & X86_PKR_AD || (write && rights & X86_PKR_WD);
}

bool pks_fault_describe(const struct trap_frame *frame, struct pks_fault *fault)
{
    struct page_found page;

    if (frame->vector != X86_VEC_PF || !(frame->code & X86_PF_PK) || !page_find(frame->cr2, &page) ||
        page.user)
        return false;
    *fault = (struct pks_fault){
        .va = frame->cr2,
        .key = page.leaf.key,
        .level = page.level,
        .write = frame->code & X86_PF_W,
        .rights = pkr_get((uint32_t)frame->pkrs, page.leaf.key),
        .owner = pks_key_owner(page.leaf.key),
        .thread = thread_current->name,
        .depth = thread_depth() - 1,
    };
    return true;
}

int pks_update_exception(struct trap_frame *frame, unsigned key, enum pks_rights rights)
{
    struct frame_link *link = thread_current->frames;
    uint64_t flags;
    bool can_set;

    while (link && link->frame != frame)
        link = link->outer;
    if (!link)
        return PKS_BAD_FRAME;
    if (rights > PKS_READONLY)
        return PKS_BAD_RIGHTS;
    flags = irq_save(); /* the key may be freed as soon as they are on */
    can_set = pks_can_set(key);
    if (can_set)
        frame->pkrs = pkr_set((uint32_t)frame->pkrs, key, rights);
    irq_restore(flags);
    return can_set ? PKS_OK : pks_refused(key);
}

/* Would the same access, made again from the frame as it is now, be denied by its key again? */
static bool still_denied(const struct trap_frame *frame, uint64_t rip, const struct pks_fault *fault)
{
    struct page_found page;

    return frame->rip == rip && page_find(fault->va, &page) && !page.user &&
           denies(pkr_get((uint32_t)frame->pkrs, page.leaf.key), fault->write);
}

bool pks_fault_callback(struct trap_frame *frame, const char **why)
{
    struct pks_fault fault;
    uint64_t rip = frame->rip;
    pks_callback *callback;
    uint16_t bit;
    bool go_on;

    if (!pks_fault_describe(frame, &fault))
        return false;
    callback = __atomic_load_n(&callbacks[fault.key], __ATOMIC_RELAXED); /* others may take it away */
    if (!callback)
        return false;
    bit = (uint16_t)(1u << fault.key);
    if (thread_current->callbacks & bit) {
        *why = "the callback of this key has touched the key itself";
        return false;
    }
    thread_current->callbacks |= bit;
    go_on = callback(frame, &fault);
    thread_current->callbacks &= (uint16_t)~bit;
    if (go_on && still_denied(frame, rip, &fault)) {
        *why = "the callback of this key has relaxed nothing";
        return false;
    }
    return go_on;
}

bool pks_fault_relax(struct trap_frame *frame)
{
    struct pks_fault fault;
    uint16_t bit;

    if (mode != PKS_RELAXED || !pks_fault_describe(frame, &fault))
        return false;
    bit = (uint16_t)(1u << fault.key);
    if (pks_update_exception(frame, fault.key, PKS_READWRITE) != PKS_OK || thread_current->callbacks & bit)
        return false;
    if (!(__atomic_fetch_or(&warned, bit, __ATOMIC_RELAXED) & bit))
        pks_fault_report("# @ pks relaxed", &fault);
    return true;
}

void pks_fault_report(const char *prefix, const struct pks_fault *fault)
{
    static const char *const word[] = {"rw", "--", "r-", "--"};

    log_line("%s %s of 0x%lx denied: key=%u rights=%s owner=%s level=%s thread=%s depth=%u", prefix,
             fault->write ? "write" : "read", fault->va, fault->key, word[fault->rights],
             fault->owner[0] ? fault->owner : "none", level_name(fault->level), fault->thread, fault->depth);
    pks_key_report(prefix);
}

bool pks_reset(void)
{
    bool any = pks_key_forget_all();

    warned = 0;
    return any;
}
