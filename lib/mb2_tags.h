#pragma once
/* The tags of Multiboot2's boot information, one by one. */

#include "boot_reader.h"

#define MB2_TAG_END   0
#define MB2_TAG_TYPES 21 /* the types from here on are unknown and skipped */

struct tag_head {
    uint32_t type;
    uint32_t size; /* with this head, without the padding behind it */
};

/* A tag that lies inside the boot information, which lies inside the view. */
struct tag {
    struct tag_head head;
    uint64_t at;     /* physical address */
    uint32_t offset; /* in the boot information, for messages */
};

/* Reads what a tag says into reader->out. *seen, 0 at the start, holds the types met so far. */
bool mb2_tag_parse(const struct boot_reader *reader, const struct tag *tag, uint32_t *seen);
