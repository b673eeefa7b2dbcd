#include "mb2_tags.h"
#include "string.h"

#include <stddef.h>

#define MAP_TYPE_RAM  1
#define RSDP_SIZE_OLD 20 /* ACPI 1.0 */
#define RSDP_SIZE_NEW 36

enum {
    TAG_LINE = 1,
    TAG_MODULE = 3,
    TAG_MAP = 6,
    TAG_FRAMEBUFFER = 8,
    TAG_EFI32 = 11,
    TAG_EFI64 = 12,
    TAG_SMBIOS = 13,
    TAG_RSDP_OLD = 14,
    TAG_RSDP_NEW = 15,
    TAG_EFI_MAP = 17,
    TAG_EFI_BOOT_SERVICES = 18,
    TAG_EFI32_IMAGE = 19,
    TAG_EFI64_IMAGE = 20,
};

/* The fields behind each tag's head. */
struct tag_module {
    uint32_t start;
    uint32_t end;
};

struct tag_map {
    uint32_t entry_size;
    uint32_t entry_version;
};

struct map_entry {
    uint64_t start;
    uint64_t size;
    uint32_t type;
    uint32_t reserved;
};

struct tag_framebuffer {
    uint64_t address;
    uint32_t pitch;
    uint32_t width;
    uint32_t height;
    uint8_t bpp;
    uint8_t type;
};

struct tag_smbios {
    uint8_t major, minor, reserved[6];
};

#define FRAMEBUFFER_SIZE                                                                                     \
    (offsetof(struct tag_framebuffer, type) + 1) /* without the padding of the C structure */

_Static_assert(sizeof(struct map_entry) == 24, "memory map entry");
_Static_assert(FRAMEBUFFER_SIZE == 22, "framebuffer tag");

static bool tag_fail(const struct boot_reader *reader, const struct tag *tag, const char *what)
{
    return boot_fail(reader, "tag %u at offset %u %s", tag->head.type, tag->offset, what);
}

/* Copies the first size bytes behind the tag's head. */
static bool tag_read(const struct boot_reader *reader, const struct tag *tag, void *to, size_t size)
{
    if (tag->head.size - sizeof(tag->head) < size)
        return tag_fail(reader, tag, "is too short");
    return boot_read(reader, tag->at + sizeof(tag->head), to, size, "tag");
}

static bool read_line(const struct boot_reader *reader, const struct tag *tag)
{
    return boot_read_line(reader, tag->at + sizeof(tag->head), tag->head.size - sizeof(tag->head));
}

static bool read_module(const struct boot_reader *reader, const struct tag *tag)
{
    struct tag_module module = {0};

    if (!tag_read(reader, tag, &module, sizeof(module)))
        return false;
    if (module.end < module.start)
        return tag_fail(reader, tag, "holds a module that ends before it starts");
    return boot_add_module(reader, module.start, module.end - module.start);
}

static bool read_map(const struct boot_reader *reader, const struct tag *tag)
{
    struct tag_map map = {0};
    struct map_entry entry;
    uint64_t at = tag->at + sizeof(tag->head) + sizeof(map);
    uint32_t size;

    if (!tag_read(reader, tag, &map, sizeof(map)))
        return false;
    size = tag->head.size - sizeof(tag->head) - sizeof(map);
    if (map.entry_size < sizeof(entry) || map.entry_size % 8 != 0)
        return tag_fail(reader, tag, "holds a memory map with a wrong entry size");
    if (size % map.entry_size != 0)
        return tag_fail(reader, tag, "holds a memory map that is no whole number of entries");
    for (uint32_t i = 0; i < size / map.entry_size; i++)
        if (!boot_read(reader, at + (uint64_t)i * map.entry_size, &entry, sizeof(entry),
                       "memory map entry") ||
            !boot_add_range(reader, entry.start, entry.size, entry.type == MAP_TYPE_RAM))
            return false;
    return true;
}

static bool read_framebuffer(const struct boot_reader *reader, const struct tag *tag)
{
    struct tag_framebuffer from = {0};
    uint64_t size;

    if (!tag_read(reader, tag, &from, FRAMEBUFFER_SIZE))
        return false;
    size = (uint64_t)from.pitch * from.height;
    if ((uint64_t)from.width * from.bpp > (uint64_t)from.pitch * 8)
        return tag_fail(reader, tag, "holds a framebuffer whose lines overlap");
    if (from.address > UINT64_MAX - size)
        return tag_fail(reader, tag, "holds a framebuffer that wraps around");
    reader->out->framebuffer = (struct framebuffer){.address = from.address,
                                                    .pitch = from.pitch,
                                                    .width = from.width,
                                                    .height = from.height,
                                                    .bpp = from.bpp,
                                                    .type = from.type};
    return true;
}

/* The structures stay where they are: the boot information is nobody else's memory. */
static bool read_smbios(const struct boot_reader *reader, const struct tag *tag)
{
    struct tag_smbios from = {0};

    if (!tag_read(reader, tag, &from, sizeof(from)))
        return false;
    reader->out->smbios =
        (struct smbios_copy){.at = tag->at + sizeof(tag->head) + sizeof(from),
                             .size = (uint32_t)(tag->head.size - sizeof(tag->head) - sizeof(from)),
                             .major = from.major,
                             .minor = from.minor};
    return true;
}

/* The larger copy wins, whichever comes first. */
static bool read_rsdp(const struct boot_reader *reader, const struct tag *tag, unsigned size)
{
    uint8_t copy[RSDP_SIZE_NEW];

    if (!tag_read(reader, tag, copy, size))
        return false;
    if (size > reader->out->rsdp_size) {
        memcpy(reader->out->rsdp_copy, copy, size);
        reader->out->rsdp_size = size;
    }
    return true;
}

static bool read_rsdp_old(const struct boot_reader *reader, const struct tag *tag)
{
    return read_rsdp(reader, tag, RSDP_SIZE_OLD);
}

static bool read_rsdp_new(const struct boot_reader *reader, const struct tag *tag)
{
    return read_rsdp(reader, tag, RSDP_SIZE_NEW);
}

static bool read_efi(const struct boot_reader *reader, const struct tag *tag)
{
    (void)tag;
    reader->out->efi = true;
    return true;
}

static bool read_efi64(const struct boot_reader *reader, const struct tag *tag)
{
    reader->out->efi = true;
    return tag_read(reader, tag, &reader->out->efi_system_table, sizeof(reader->out->efi_system_table));
}

static bool (*const readers[MB2_TAG_TYPES])(const struct boot_reader *reader, const struct tag *tag) = {
    [TAG_LINE] = read_line,
    [TAG_MODULE] = read_module,
    [TAG_MAP] = read_map,
    [TAG_FRAMEBUFFER] = read_framebuffer,
    [TAG_EFI32] = read_efi,
    [TAG_EFI64] = read_efi64,
    [TAG_SMBIOS] = read_smbios,
    [TAG_RSDP_OLD] = read_rsdp_old,
    [TAG_RSDP_NEW] = read_rsdp_new,
    [TAG_EFI_MAP] = read_efi,
    [TAG_EFI_BOOT_SERVICES] = read_efi,
    [TAG_EFI32_IMAGE] = read_efi,
    [TAG_EFI64_IMAGE] = read_efi,
};

bool mb2_tag_parse(const struct boot_reader *reader, const struct tag *tag, uint32_t *seen)
{
    uint32_t type = tag->head.type;

    if (type >= MB2_TAG_TYPES || readers[type] == NULL)
        return true;
    if (type != TAG_MODULE && (*seen >> type & 1))
        return tag_fail(reader, tag, "is the second of its type");
    *seen |= 1u << type;
    return readers[type](reader, tag);
}
