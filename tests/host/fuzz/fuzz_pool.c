/* Memory maps, through the whole chain: PVH boot information, its parser, the usable ranges, and the memory
 * that the kernel takes of them. Input: the physical address bits, the image's size, then six bytes an entry,
 * from which boot information is built, because chance finds no map of a whole machine: what it is, the power
 * of two that its start and its size are counted in, the two numbers. */

#include "fuzz.h"

#include "../pool_holds.h"
#include "string.h"

#define HEAD      2u
#define RECORD    6u
#define ENTRIES   BOOT_MAP_MAX
#define LIST_AT   64u                   /* of the modules, behind the start info */
#define MAP_AT    (LIST_AT + 16u * 32u) /* of the map */
#define BLOB_SIZE (MAP_AT + ENTRIES * 24u)

enum { USABLE, RESERVED, USABLE_TOO, MODULE, KINDS };

static void put(uint8_t *blob, size_t at, uint64_t value, size_t size)
{
    memcpy(blob + at, &value, size);
}

/* The start and the size that a record says. */
static struct mem_range record_range(const uint8_t *record)
{
    unsigned start_bits = record[0] / KINDS % 48;
    unsigned size_bits = record[1] % 48;
    uint64_t start = (uint64_t)(record[2] << 8 | record[3]) << start_bits;

    return (struct mem_range){start, (uint64_t)(record[4] << 8 | record[5]) << size_bits, false};
}

static void build(uint8_t *blob, const uint8_t *records, size_t count)
{
    uint32_t modules = 0, entries = 0;

    for (size_t i = 0; i < count; i++) {
        const uint8_t *record = records + i * RECORD;
        struct mem_range range = record_range(record);
        bool module = record[0] % KINDS == MODULE && modules < BOOT_MODULES_MAX - 3;
        size_t at = module ? LIST_AT + modules++ * 32 : MAP_AT + entries * 24;

        if (!module && entries++ == ENTRIES)
            break;
        put(blob, at, range.start, 8);
        put(blob, at + 8, range.end, 8);
        put(blob, at + 16, module ? 0 : record[0] % KINDS == RESERVED ? 2 : 1, 8);
    }
    put(blob, 0, 0x336ec578, 4);
    put(blob, 4, 1, 4);
    put(blob, 12, modules, 4);
    put(blob, 16, modules ? START + LIST_AT : 0, 8);
    put(blob, 40, START + MAP_AT, 8);
    put(blob, 48, entries < ENTRIES ? entries : ENTRIES, 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct boot_info boot;
    static struct pool pool;
    uint8_t blob[BLOB_SIZE] = {0};
    struct phys_view view = {.bytes = blob, .start = START, .size = sizeof(blob)};
    struct mem_range image = {0x200000, 0x200000, false};
    char err[ERR_SIZE] = "";
    unsigned bits;

    if (size < HEAD)
        return 0;
    bits = 32 + data[0] % 21;
    image.end += (uint64_t)(data[1] + 1) << 15;
    build(blob, data + HEAD, (size - HEAD) / RECORD);
    if (!pvh_parse(&view, START, &boot, err, sizeof(err)) ||
        !pool_choose(&boot, &image, 1, bits, &pool, err, sizeof(err))) {
        sentence_holds(err);
        return 0;
    }
    if (pool_wrong(&pool, &boot, &image, 1, bits)) {
        fprintf(stderr, "a pool that is %s\n", pool_wrong(&pool, &boot, &image, 1, bits));
        abort();
    }
    return 0;
}
