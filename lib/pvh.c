/* Xen public headers, arch-x86/hvm/start_info.h; the structures are little-endian and have no padding. */

#include "boot_reader.h"
#include "string.h"

#define PVH_MAGIC       0x336ec578
#define PVH_VERSION_MAP 1 /* the first version with a memory map */
#define PVH_MAP_RAM     1

struct start_info {
    uint32_t magic;
    uint32_t version;
    uint32_t flags;
    uint32_t module_count;
    uint64_t modules;
    uint64_t line;
    uint64_t rsdp;
    uint64_t map;
    uint32_t map_count;
    uint32_t reserved;
};

struct module {
    uint64_t start;
    uint64_t size;
    uint64_t line;
    uint64_t reserved;
};

struct map_entry {
    uint64_t start;
    uint64_t size;
    uint32_t type;
    uint32_t reserved;
};

_Static_assert(sizeof(struct start_info) == 56, "hvm_start_info, version 1");
_Static_assert(sizeof(struct module) == 32, "hvm_modlist_entry");
_Static_assert(sizeof(struct map_entry) == 24, "hvm_memmap_table_entry");

/* Everything the loader placed is recorded as a module, so that it can still be looked at after the parsing.
 */

static bool read_line(const struct boot_reader *reader, const struct start_info *info)
{
    return info->line == 0 || (boot_read_line(reader, info->line, UINT64_MAX) &&
                               boot_add_module(reader, info->line, strlen(reader->out->line) + 1));
}

static bool read_map(const struct boot_reader *reader, const struct start_info *info)
{
    struct map_entry entry;

    if (info->map == 0)
        return true;
    if (info->map_count > BOOT_MAP_MAX)
        return boot_fail(reader, "memory map has more than %u entries", BOOT_MAP_MAX);
    for (uint32_t i = 0; i < info->map_count; i++)
        if (!boot_read(reader, info->map + i * sizeof(entry), &entry, sizeof(entry), "memory map entry") ||
            !boot_add_range(reader, entry.start, entry.size, entry.type == PVH_MAP_RAM))
            return false;
    return boot_add_module(reader, info->map, info->map_count * sizeof(entry));
}

static bool read_modules(const struct boot_reader *reader, const struct start_info *info)
{
    struct module module;

    if (info->module_count == 0)
        return true;
    if (info->modules == 0)
        return boot_fail(reader, "module list has %u entries and no address", info->module_count);
    if (info->module_count > BOOT_MODULES_MAX)
        return boot_fail(reader, "module list has more than %u entries", BOOT_MODULES_MAX);
    for (uint32_t i = 0; i < info->module_count; i++)
        if (!boot_read(reader, info->modules + i * sizeof(module), &module, sizeof(module),
                       "module list entry") ||
            !boot_add_module(reader, module.start, module.size))
            return false;
    return boot_add_module(reader, info->modules, info->module_count * sizeof(module));
}

bool pvh_parse(const struct phys_view *view, uint64_t at, struct boot_info *out, char *err, size_t err_size)
{
    struct boot_reader reader = boot_reader_start("pvh", view, out, err, err_size);
    struct start_info info;

    if (!boot_read(&reader, at, &info, sizeof(info), "start info"))
        return false;
    if (info.magic != PVH_MAGIC)
        return boot_fail(&reader, "start info has magic 0x%x, not 0x%x", info.magic, PVH_MAGIC);
    if (info.version < PVH_VERSION_MAP)
        return boot_fail(&reader, "start info has version %u, which has no memory map", info.version);
    out->rsdp = info.rsdp;
    return boot_add_module(&reader, at, sizeof(info)) && read_line(&reader, &info) &&
           read_map(&reader, &info) && read_modules(&reader, &info) && boot_reader_end(&reader);
}
