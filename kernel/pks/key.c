/* The allocator: which key has which owner. Nothing here is changed without its rights being changed too. */

#include "internal.h"

#include "format.h"
#include "log.h"

#include <stddef.h>

#define GENERATIONS 0x1fffffffu /* what fits into a token beside the rights */

struct key {
    const char *owner;   /* NULL: free */
    bool abandoned;      /* it cannot be set, and that is no error */
    uint32_t generation; /* how many owners have freed it */
    unsigned mappings;
};

static struct key keys[X86_PKEYS];
struct spin pks_lock;
uint32_t pks_settable;

static bool allocated(unsigned key)
{
    return key && key < X86_PKEYS && keys[key].owner;
}

const char *pks_result_text(int result)
{
    static const char *const text[] = {
        [-PKS_ABSENT] = "the processor has no PKS",
        [-PKS_EXHAUSTED] = "all keys have owners",
        [-PKS_BAD_KEY] = "no such key",
        [-PKS_IN_USE] = "mappings still carry the key",
        [-PKS_BAD_RIGHTS] = "no such rights",
        [-PKS_BAD_FRAME] = "not a frame that is being handled here",
        [-PKS_NOT_MAPPED] = "no such mapping",
    };

    return result >= 0 ? "ok" : text[-result];
}

void pks_key_report(const char *prefix)
{
    char text[384] = "";
    size_t used = 0;

    for (unsigned key = 1; key < X86_PKEYS && used < sizeof(text); key++)
        if (keys[key].owner)
            used += format(text + used, sizeof(text) - used, " %u:%s%s", key, keys[key].owner,
                           keys[key].abandoned ? "(abandoned)" : "");
    log_line("%s keys%s", prefix, text[0] ? text : " none allocated");
}

int pks_key_alloc(const char *name)
{
    return pks_key_alloc_default(name, PKS_NOACCESS);
}

int pks_key_alloc_default(const char *name, enum pks_rights rights)
{
    uint64_t flags;
    unsigned key = 1;

    if (!pks_present)
        return PKS_ABSENT;
    if (rights > PKS_READONLY)
        return PKS_BAD_RIGHTS;
    flags = spin_lock(&pks_lock);
    while (key < X86_PKEYS && keys[key].owner)
        key++;
    if (key < X86_PKEYS) {
        keys[key].owner = name;
        pks_rights_everywhere(key, rights);
        pks_settable |= 1u << key;
    }
    spin_unlock(&pks_lock, flags);
    if (key < X86_PKEYS)
        return (int)key;
    log_line("# @ pks no key is left for %s", name);
    pks_key_report("# @ pks");
    return PKS_EXHAUSTED;
}

int pks_key_free(unsigned key)
{
    uint64_t flags = spin_lock(&pks_lock);
    int result = PKS_OK;

    if (!allocated(key)) {
        result = PKS_BAD_KEY;
    } else if (keys[key].mappings) {
        result = PKS_IN_USE;
    } else {
        pks_settable &= ~(1u << key);
        pks_key_on_fault(key, NULL);
        keys[key].generation = (keys[key].generation + 1) & GENERATIONS;
        keys[key].abandoned = false;
        keys[key].owner = NULL;
        pks_rights_everywhere(key, PKS_NOACCESS);
    }
    spin_unlock(&pks_lock, flags);
    return result;
}

int pks_abandon(unsigned key)
{
    uint64_t flags = spin_lock(&pks_lock);
    int result = allocated(key) ? PKS_OK : PKS_BAD_KEY;

    if (result == PKS_OK) {
        pks_rights_everywhere(key, PKS_READWRITE); /* before anybody is told that there is nothing to set */
        keys[key].abandoned = true;
        pks_settable &= ~(1u << key);
        pks_rights_everywhere(key, PKS_READWRITE); /* and whoever has closed it since */
    }
    spin_unlock(&pks_lock, flags);
    return result;
}

int pks_refused(unsigned key)
{
    return key < X86_PKEYS && keys[key].abandoned ? PKS_OK : PKS_BAD_KEY;
}

uint32_t pks_key_generation(unsigned key)
{
    return keys[key].generation;
}

const char *pks_key_owner(unsigned key)
{
    return allocated(key) ? keys[key].owner : "";
}

bool pks_key_usable(unsigned key)
{
    return !key || allocated(key);
}

unsigned pks_key_mappings(unsigned key)
{
    return keys[key].mappings;
}

void pks_key_count(unsigned key, int change)
{
    keys[key].mappings += (unsigned)change;
}

bool pks_key_forget_all(void)
{
    bool any = false;

    for (unsigned key = 1; key < X86_PKEYS; key++) {
        any |= keys[key].owner != NULL;
        keys[key].mappings = 0;
        if (keys[key].owner)
            pks_key_free(key);
    }
    keys[0].mappings = 0;
    return any;
}
