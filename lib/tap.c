#include "tap.h"

#include "crc32.h"
#include "format.h"
#include "string.h"

#include <stdbool.h>

#define NONCE_FORMAT "%016llx"

static const char *const verdict_names[VERDICTS] = {
    [VERDICT_PASS] = "pass",
    [VERDICT_SKIP] = "skip",
    [VERDICT_FAIL] = "fail",
    [VERDICT_ERROR] = "error",
};

/* The checksum covers its texts joined by LF; of a line that was cut, what stands in the buffer. */
static void crc_line(struct tap *tap, const char *buf, size_t size)
{
    tap->crc = crc32(tap->crc, "\n", 1);
    if (size > 0)
        tap->crc = crc32(tap->crc, buf, strlen(buf));
}

/* Puts " # DIRECTIVE reason" behind the length characters that buf holds or would hold. */
static size_t append_directive(char *buf, size_t size, size_t length, const char *directive,
                               const char *reason)
{
    size_t at = length < size ? length : size;
    size_t total = length + format(buf + at, size - at, " # %s ", directive);

    if (reason == NULL || *reason == '\0')
        reason = "no reason given";
    for (; *reason != '\0'; reason++, total++) {
        bool plain = *reason >= ' ' && *reason <= '~' && *reason != '#';

        at = total < size ? total : size;
        format(buf + at, size - at, "%c", plain ? *reason : '?');
    }
    return total;
}

void tap_start(struct tap *tap, uint64_t nonce)
{
    char text[sizeof("0123456789abcdef")];

    *tap = (struct tap){.nonce = nonce};
    format(text, sizeof(text), NONCE_FORMAT, (unsigned long long)nonce);
    tap->crc = crc32(0, text, strlen(text));
}

size_t tap_begin(const struct tap *tap, char *buf, size_t size, unsigned boot, const char *build,
                 uint32_t suite)
{
    return format(buf, size, "LATCHKEY-BEGIN v1 boot=%u run=" NONCE_FORMAT " build=%s suite=%08x", boot,
                  (unsigned long long)tap->nonce, build, suite);
}

size_t tap_plan(struct tap *tap, char *buf, size_t size, unsigned tests, const char *reason)
{
    size_t length = format(buf, size, "1..%u", tests);

    crc_line(tap, buf, size); /* the plan without its directive */
    return tests == 0 && reason != NULL ? append_directive(buf, size, length, "SKIP", reason) : length;
}

size_t tap_result(struct tap *tap, char *buf, size_t size, const char *id, enum verdict verdict,
                  const char *reason)
{
    bool ok = verdict == VERDICT_PASS || verdict == VERDICT_SKIP;
    size_t length;

    tap->lines++;
    tap->count[verdict]++;
    length = format(buf, size, "%s %u - %s", ok ? "ok" : "not ok", tap->lines, id);
    if (verdict == VERDICT_SKIP)
        length = append_directive(buf, size, length, "SKIP", reason);
    if (verdict == VERDICT_ERROR)
        length = append_directive(buf, size, length, "ERROR", reason);
    crc_line(tap, buf, size);
    return length;
}

enum verdict tap_verdict(const struct tap *tap)
{
    if (tap->count[VERDICT_ERROR] > 0)
        return VERDICT_ERROR;
    if (tap->count[VERDICT_FAIL] > 0)
        return VERDICT_FAIL;
    return tap->count[VERDICT_PASS] > 0 ? VERDICT_PASS : VERDICT_SKIP;
}

size_t tap_end(const struct tap *tap, char *buf, size_t size)
{
    struct tap last = *tap;
    char counts[sizeof("pass= fail= skip= error=") + VERDICTS * 10];

    format(counts, sizeof(counts), "pass=%u fail=%u skip=%u error=%u", tap->count[VERDICT_PASS],
           tap->count[VERDICT_FAIL], tap->count[VERDICT_SKIP], tap->count[VERDICT_ERROR]);
    crc_line(&last, counts, sizeof(counts));
    return format(buf, size, "LATCHKEY-END status=%s run=" NONCE_FORMAT " %s lines=%u crc=%08x",
                  verdict_names[tap_verdict(tap)], (unsigned long long)tap->nonce, counts, tap->lines,
                  last.crc);
}
