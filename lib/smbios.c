/* DSP0134, "SMBIOS structure table entry point": "SMBIOS 2.1 (32-bit) Entry Point" and "SMBIOS 3.0 (64-bit)
 * Entry Point". */

#include "smbios.h"

#include "efi.h"
#include "format.h"
#include "smbios_table.h"
#include "string.h"

#define BIOS_START    0xf0000u
#define BIOS_END      0x100000u
#define ENTRY_ALIGN   16u
#define ENTRY_MAX     64u /* both are far shorter */
#define TABLE_MAX     (1u << 20)
#define OLD_SIZE      0x1fu
#define OLD_SIZE_2_1  0x1eu /* as version 2.1 of the specification had it by mistake */
#define OLD_HALF      0x10u /* "_DMI_" with a checksum of its own */
#define OLD_HALF_SIZE 0x0fu
#define LENGTH_AT_OLD 5
#define LENGTH_AT_NEW 6

/* As EFI's configuration table has them: SMBIOS3_TABLE_GUID and SMBIOS_TABLE_GUID. */
static const uint8_t guids[2][EFI_GUID_SIZE] = {
    {0x44, 0x15, 0xfd, 0xf2, 0x94, 0x97, 0x2c, 0x4a, 0x99, 0x2e, 0xe5, 0xbb, 0xcf, 0x20, 0xe3, 0x94},
    {0x31, 0x2d, 0x9d, 0xeb, 0x88, 0x2d, 0xd3, 0x11, 0x9a, 0x16, 0x00, 0x90, 0x27, 0x3f, 0xc1, 0x4d},
};

struct search {
    const struct phys_memory *memory;
    struct smbios *out;
    struct smbios_table table;
    char *err;
    size_t err_size;
};

static uint64_t number(const uint8_t *from, size_t size)
{
    uint64_t value = 0;

    memcpy(&value, from, size);
    return value;
}

static bool read(const struct search *search, uint64_t at, void *to, size_t size)
{
    return search->memory->read(search->memory->context, at, to, size);
}

/* What is wrong with the entry point at an address, or NULL; `wide` for one that begins with "_SM3_". */
static const char *entry_problem(struct search *search, uint64_t at, bool wide)
{
    uint8_t entry[ENTRY_MAX] = {0}, length = 0;

    if (!read(search, at + (wide ? LENGTH_AT_NEW : LENGTH_AT_OLD), &length, 1))
        return "cannot be read";
    if (length < (wide ? 0x18 : OLD_SIZE_2_1) || length > (wide ? ENTRY_MAX : OLD_SIZE))
        return "has a wrong length";
    if (!read(search, at, entry, length))
        return "cannot be read";
    if (bytes_sum(entry, length) != 0)
        return "has a wrong checksum";
    if (wide) {
        search->out->major = entry[7];
        search->out->minor = entry[8];
        search->table = (struct smbios_table){number(entry + 16, 8), (uint32_t)number(entry + 12, 4), 0};
    } else {
        if (memcmp(entry + OLD_HALF, "_DMI_", 5) != 0 || bytes_sum(entry + OLD_HALF, OLD_HALF_SIZE) != 0)
            return "has a wrong second half";
        search->out->major = entry[6];
        search->out->minor = entry[7];
        search->table = (struct smbios_table){number(entry + 24, 4), (uint32_t)number(entry + 22, 2),
                                              (uint32_t)number(entry + 28, 2)};
        if (!search->table.count)
            return "has no structures";
    }
    if (!search->table.at || !search->table.size)
        return "names no table";
    return NULL;
}

/* Takes the entry point of either kind at an address. */
static enum smbios_result entry_take(struct search *search, uint64_t at)
{
    const char *problem = "cannot be read";
    char anchor[5];

    if (read(search, at, anchor, sizeof(anchor))) {
        if (memcmp(anchor, "_SM3_", 5) == 0)
            problem = entry_problem(search, at, true);
        else if (memcmp(anchor, "_SM_", 4) == 0)
            problem = entry_problem(search, at, false);
        else
            problem = "has a wrong anchor";
    }
    if (problem)
        format(search->err, search->err_size, "SMBIOS entry point at 0x%llx %s", (unsigned long long)at,
               problem);
    return problem ? SMBIOS_BAD : SMBIOS_OK;
}

static enum smbios_result by_efi(struct search *search, const struct boot_info *boot)
{
    enum smbios_result result = SMBIOS_ABSENT;
    uint64_t at;

    search->out->source = "efi";
    for (unsigned i = 0; i < 2 && boot->efi_system_table && result == SMBIOS_ABSENT; i++) {
        if (!efi_table_find(search->memory, boot->efi_system_table, guids[i], &at, search->err,
                            search->err_size))
            result = SMBIOS_BAD;
        else if (at)
            result = entry_take(search, at);
    }
    return result;
}

/* The tag holds the structures; some loaders put the entry point there instead. */
static enum smbios_result by_tag(struct search *search, const struct boot_info *boot)
{
    char anchor[3];

    search->out->source = "multiboot2";
    if (!boot->smbios.size)
        return SMBIOS_ABSENT;
    if (boot->smbios.size >= sizeof(anchor) && read(search, boot->smbios.at, anchor, sizeof(anchor)) &&
        memcmp(anchor, "_SM", sizeof(anchor)) == 0)
        return entry_take(search, boot->smbios.at);
    search->out->major = boot->smbios.major;
    search->out->minor = boot->smbios.minor;
    search->table = (struct smbios_table){boot->smbios.at, boot->smbios.size, 0};
    return SMBIOS_OK;
}

/* A BIOS may leave both kinds, and bytes that only look like one: the new one counts, if it is sound. */
static enum smbios_result by_scan(struct search *search, const struct boot_info *boot)
{
    search->out->source = "bios";
    for (unsigned wide = 2; wide-- > 0 && !boot->efi;)
        for (uint64_t at = BIOS_START; at < BIOS_END; at += ENTRY_ALIGN) {
            char anchor[5];

            if (read(search, at, anchor, sizeof(anchor)) &&
                memcmp(anchor, wide ? "_SM3_" : "_SM_", wide ? 5 : 4) == 0 &&
                !entry_problem(search, at, wide))
                return SMBIOS_OK;
        }
    return SMBIOS_ABSENT;
}

enum smbios_result smbios_read(const struct phys_memory *memory, const struct boot_info *boot,
                               struct smbios *out, char *err, size_t err_size)
{
    struct search search = {.memory = memory, .out = out, .err = err, .err_size = err_size};
    enum smbios_result result;

    memset(out, 0, sizeof(*out));
    format(err, err_size, "%s", "");
    result = by_efi(&search, boot);
    if (result == SMBIOS_ABSENT)
        result = by_tag(&search, boot);
    if (result == SMBIOS_ABSENT)
        result = by_scan(&search, boot);
    if (result != SMBIOS_OK)
        return result;
    if (search.table.size > TABLE_MAX)
        search.table.size = TABLE_MAX;
    return smbios_table_read(memory, &search.table, out, err, err_size) ? SMBIOS_OK : SMBIOS_BAD;
}

bool smbios_emulator(const struct smbios *s)
{
    return strcmp(s->system_maker, "QEMU") == 0 || strcmp(s->system_maker, "Bochs") == 0 ||
           strcmp(s->bios_vendor, "The Bochs Project") == 0 || strcmp(s->bios_vendor, "SeaBIOS") == 0 ||
           strcmp(s->system_product, "VirtualBox") == 0 || strcmp(s->system_product, "KVM") == 0 ||
           strcmp(s->system_maker, "VMware, Inc.") == 0;
}
