/* The page in which a run keeps how far it has come. Input: one byte of choices, then the page. Chance does
 * not find magic and checksum, so by the choices they are made right. */

#include "fuzz.h"

#include "crc32.h"
#include "journal.h"
#include "string.h"

#define MAGIC_SIZE 8u

static void repair(uint8_t *copy)
{
    uint32_t crc;

    memcpy(copy, "LKEYJRNL", MAGIC_SIZE);
    crc = crc32(0, copy, MAGIC_SIZE + sizeof(struct journal));
    memcpy(copy + MAGIC_SIZE + sizeof(struct journal), &crc, sizeof(crc));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t page[2 * JOURNAL_COPY_SIZE] = {0};
    struct journal read, again;

    if (size == 0)
        return 0;
    memcpy(page, data + 1, size - 1 < sizeof(page) ? size - 1 : sizeof(page));
    for (unsigned copy = 0; copy < 2; copy++)
        if (data[0] >> copy & 1)
            repair(page + (size_t)copy * JOURNAL_COPY_SIZE);
    if (!journal_decode(page, &read))
        return 0;
    HOLDS(read.boot > read.deaths && (!read.running || read.running - 1 == read.tap.lines));
    HOLDS(read.planned <= 1 && read.armed <= read.running);
    journal_encode(&read, page);
    HOLDS(journal_decode(page, &again) && memcmp(&read, &again, sizeof(read)) == 0);
    return 0;
}
