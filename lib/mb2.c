/* GNU, "Multiboot2 Specification version 2.0", "Boot information format". All fields are little-endian. */

#include "mb2_tags.h"

#define INFO_ALIGN    8
#define INFO_SIZE_MIN 16       /* the fixed part and the end tag */
#define INFO_SIZE_MAX 0x100000 /* GRUB writes some kilobytes; more than this is damage, not information */

struct info_head {
    uint32_t size; /* of everything, with this head */
    uint32_t reserved;
};

static uint64_t align_up(uint64_t offset)
{
    return (offset + INFO_ALIGN - 1) & ~(uint64_t)(INFO_ALIGN - 1);
}

static bool head_read(const struct boot_reader *reader, uint64_t at, struct info_head *head)
{
    if (at % INFO_ALIGN != 0)
        return boot_fail(reader, "boot information at 0x%llx is misaligned", (unsigned long long)at);
    if (!boot_read(reader, at, head, sizeof(*head), "boot information"))
        return false;
    if (head->size < INFO_SIZE_MIN)
        return boot_fail(reader, "boot information of %u bytes is too short", head->size);
    if (head->size > INFO_SIZE_MAX)
        return boot_fail(reader, "boot information of %u bytes is longer than %u", head->size, INFO_SIZE_MAX);
    if (!boot_readable(reader, at, head->size))
        return boot_fail(reader, "boot information of %u bytes at 0x%llx ends outside the readable memory",
                         head->size, (unsigned long long)at);
    return true;
}

static bool end_check(const struct boot_reader *reader, const struct tag *tag, const struct info_head *head)
{
    uint64_t end = tag->offset + sizeof(tag->head);

    if (tag->head.size != sizeof(tag->head))
        return boot_fail(reader, "end tag at offset %u has size %u", tag->offset, tag->head.size);
    if (align_up(head->size) != align_up(end))
        return boot_fail(reader, "end tag at offset %u contradicts the size %u of the boot information",
                         tag->offset, head->size);
    return boot_reader_end(reader);
}

bool mb2_parse(const struct phys_view *view, uint64_t at, struct boot_info *out, char *err, size_t err_size)
{
    struct boot_reader reader = boot_reader_start("multiboot2", view, out, err, err_size);
    struct info_head head = {0};
    struct tag tag;
    uint32_t seen = 0;

    if (!head_read(&reader, at, &head) || !boot_add_module(&reader, at, head.size))
        return false;
    for (uint64_t offset = sizeof(head); offset + sizeof(tag.head) <= head.size;
         offset = align_up(offset + tag.head.size)) {
        tag.at = at + offset;
        tag.offset = (uint32_t)offset;
        if (!boot_read(&reader, tag.at, &tag.head, sizeof(tag.head), "tag"))
            return false;
        if (tag.head.type == MB2_TAG_END)
            return end_check(&reader, &tag, &head);
        if (tag.head.size < sizeof(tag.head))
            return boot_fail(&reader, "tag %u at offset %u has size %u", tag.head.type, tag.offset,
                             tag.head.size);
        if (tag.head.size > head.size - offset)
            return boot_fail(&reader, "tag %u at offset %u ends outside the boot information", tag.head.type,
                             tag.offset);
        if (!mb2_tag_parse(&reader, &tag, &seen))
            return false;
    }
    return boot_fail(&reader, "boot information has no end tag");
}
