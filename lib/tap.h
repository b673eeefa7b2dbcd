#pragma once
/* The lines of the serial protocol as text, with the running checksum; the caller prints them. */

#include <stddef.h>
#include <stdint.h>

enum verdict { VERDICT_PASS, VERDICT_SKIP, VERDICT_FAIL, VERDICT_ERROR };
#define VERDICTS 4

struct tap {
    uint64_t nonce;
    uint32_t crc;
    uint32_t lines; /* result lines so far */
    uint32_t count[VERDICTS];
};

/* Starts a run. One that the machine's reset has interrupted goes on with a copy of its state. */
void tap_start(struct tap *tap, uint64_t nonce);

/* "LATCHKEY-BEGIN v1 boot=1 run=... build=... suite=...", of the run's boot of that number. build is 12 hex
 * digits. */
size_t tap_begin(const struct tap *tap, char *buf, size_t size, unsigned boot, const char *build,
                 uint32_t suite);

/* The plan, "1..N"; reason is NULL, or with N = 0 the word behind "# SKIP". */
size_t tap_plan(struct tap *tap, char *buf, size_t size, unsigned tests, const char *reason);

/*
 * One result line: "ok 1 - id", "not ok 1 - id", "ok 1 - id # SKIP reason", "not ok 1 - id # ERROR reason".
 * reason is used for skip and error only; '#', control characters and bytes above 0x7e in it print as '?', no
 * reason as "no reason given". Of a line that is cut the checksum covers what stands in buf.
 */
size_t tap_result(struct tap *tap, char *buf, size_t size, const char *id, enum verdict verdict,
                  const char *reason);

/* The verdict of the whole run: error, else fail, else skip when nothing passed, else pass. */
enum verdict tap_verdict(const struct tap *tap);

/* "LATCHKEY-END status=... run=... pass=.. fail=.. skip=.. error=.. lines=.. crc=<8 hex>". */
size_t tap_end(const struct tap *tap, char *buf, size_t size);
