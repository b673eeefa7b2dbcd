#include "journal.h"

#include "crc32.h"
#include "string.h"

#include <stddef.h>

#define MAGIC    0x4c4e524a59454b4cull /* "LKEYJRNL" */
#define PIECE    (2ull << 20)
#define FAR_LOW  (32ull << 20)
#define FAR_HIGH (128ull << 20)

/* As it stands in memory. Its layout may follow the compiler: the build has to be the same. */
struct copy {
    uint64_t magic;
    struct journal journal;
    uint32_t crc; /* of all before it */
};
_Static_assert(sizeof(struct copy) <= JOURNAL_COPY_SIZE, "a copy fills whole lines of the cache");

static bool page_usable(const struct memmap *usable, uint64_t page)
{
    for (unsigned i = 0; i < usable->count; i++)
        if (usable->range[i].start <= page && usable->range[i].end >= page + X86_PAGE_SIZE)
            return true;
    return false;
}

uint64_t journal_place(const struct memmap *usable, uint64_t image_end)
{
    uint64_t end = (image_end + PIECE - 1) & ~(PIECE - 1);

    if (end - image_end >= X86_PAGE_SIZE && page_usable(usable, end - X86_PAGE_SIZE))
        return end - X86_PAGE_SIZE;
    for (end = FAR_LOW + PIECE; end <= FAR_HIGH; end += PIECE)
        if (end - PIECE >= image_end && page_usable(usable, end - X86_PAGE_SIZE))
            return end - X86_PAGE_SIZE;
    return 0;
}

static uint32_t copy_crc(const struct copy *copy)
{
    return crc32(0, copy, offsetof(struct copy, crc));
}

uint8_t *journal_encode(struct journal *journal, uint8_t *page)
{
    uint8_t *at = page + (++journal->writes & 1) * JOURNAL_COPY_SIZE;
    struct copy copy;

    memset(&copy, 0, sizeof(copy)); /* the checksum covers its padding */
    copy.magic = MAGIC;
    memcpy(&copy.journal, journal, sizeof(copy.journal));
    copy.crc = copy_crc(&copy);
    memcpy(at, &copy, sizeof(copy));
    return at;
}

/* What every journal keeps to, whoever wrote it. */
static bool holds(const struct journal *journal)
{
    const struct tap *tap = &journal->tap;
    uint64_t counted = 0;

    for (unsigned i = 0; i < VERDICTS; i++)
        counted += tap->count[i];
    return counted == tap->lines && journal->boot > journal->deaths && journal->planned <= 1 &&
           journal->armed <= 1 && (journal->planned || (!tap->lines && !journal->running)) &&
           (journal->running ? journal->running == tap->lines + 1ull : !journal->armed);
}

bool journal_decode(const uint8_t *page, struct journal *out)
{
    bool found = false;

    for (unsigned i = 0; i < 2; i++) {
        struct copy copy;

        memcpy(&copy, page + (size_t)i * JOURNAL_COPY_SIZE, sizeof(copy));
        if (copy.magic != MAGIC || copy.crc != copy_crc(&copy) || !holds(&copy.journal))
            continue;
        if (!found || (int32_t)(copy.journal.writes - out->writes) > 0)
            *out = copy.journal;
        found = true;
    }
    return found;
}

struct journal journal_begin(const char *build, uint32_t suite, const char *line)
{
    struct journal journal = {.suite = suite, .line = crc32(0, line, strlen(line)), .boot = 1};

    for (size_t i = 0; i < sizeof(journal.build) - 1 && build[i]; i++)
        journal.build[i] = build[i];
    return journal;
}

bool journal_same_run(const struct journal *a, const struct journal *b)
{
    return memcmp(a->build, b->build, sizeof(a->build)) == 0 && a->suite == b->suite && a->line == b->line;
}

void journal_next_boot(struct journal *journal)
{
    journal->boot++;
    journal->deaths += !journal->armed;
}
