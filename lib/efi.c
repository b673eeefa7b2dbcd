#include "efi.h"

#include "crc32.h"
#include "format.h"
#include "string.h"

#include <stddef.h>

#define SYSTEM_SIGNATURE 0x5453595320494249u /* "IBI SYST" */
#define HEAD_MAX         4096u               /* bytes that the checksum covers; 120 in every version so far */
#define ENTRIES_MAX      1024u

struct efi_system {
    uint64_t signature;
    uint32_t revision;
    uint32_t size;
    uint32_t crc;
    uint32_t reserved;
    uint64_t vendor;
    uint32_t vendor_revision, padding;
    uint64_t consoles[6]; /* handle and protocol of each */
    uint64_t runtime_services, boot_services;
    uint64_t entry_count, entries;
};

struct efi_entry {
    uint8_t guid[EFI_GUID_SIZE];
    uint64_t table;
};

_Static_assert(sizeof(struct efi_system) == 120 && sizeof(struct efi_entry) == 24, "EFI structures");

/* What is wrong with the system table, or NULL. The checksum is taken with its own field as 0. */
static const char *system_problem(const struct phys_memory *memory, uint64_t at, struct efi_system *system)
{
    uint32_t crc, want;
    uint8_t more;

    if (!memory->read(memory->context, at, system, sizeof(*system)))
        return "cannot be read";
    if (system->signature != SYSTEM_SIGNATURE)
        return "has a wrong signature";
    if (system->size < sizeof(*system) || system->size > HEAD_MAX)
        return "has a wrong size";
    want = system->crc;
    system->crc = 0;
    crc = crc32(0, system, sizeof(*system));
    for (uint32_t offset = sizeof(*system); offset < system->size; offset++) {
        if (!memory->read(memory->context, at + offset, &more, 1))
            return "cannot all be read";
        crc = crc32(crc, &more, 1);
    }
    if (crc != want)
        return "has a wrong checksum";
    return system->entry_count > ENTRIES_MAX ? "has too many entries" : NULL;
}

bool efi_table_find(const struct phys_memory *memory, uint64_t system_at, const uint8_t guid[EFI_GUID_SIZE],
                    uint64_t *at, char *err, size_t err_size)
{
    struct efi_system system = {.size = 0};
    const char *problem = system_problem(memory, system_at, &system);
    struct efi_entry entry;

    *at = 0;
    for (uint64_t i = 0; !problem && i < system.entry_count && !*at; i++) {
        if (!memory->read(memory->context, system.entries + i * sizeof(entry), &entry, sizeof(entry)))
            problem = "has a configuration table that cannot be read";
        else if (memcmp(entry.guid, guid, EFI_GUID_SIZE) == 0)
            *at = entry.table;
    }
    if (problem)
        format(err, err_size, "EFI system table at 0x%llx %s", (unsigned long long)system_at, problem);
    return !problem;
}
