#include "pks/rules.h"

#include "pks/bits.h"

#define RULE(id, title, sentence, tests) {#id, title, sentence, tests},
const struct pks_rule pks_rules[PKS_RULE_none] = {
#include "pks/rules.def"
};
#undef RULE

/* The words that golden.def is written with. */
/* clang-format off */
#define P    X86_PF_P
#define W    X86_PF_W
#define U    X86_PF_U
#define R    X86_PF_R
#define I    X86_PF_I
#define PK   X86_PF_PK
#define PF   FAULT_PF
#define NONE FAULT_NONE

#define KEY          3
#define AD           X86_PKR_AD
#define WD           X86_PKR_WD
#define RIGHTS(bits) ((PKRS_DEFAULT & ~PKR_MASK(KEY)) | (uint32_t)(bits) << PKR_SHIFT(KEY))
#define PKRS(bits)   .pkrs = RIGHTS(bits)
#define PKRU(bits)   .pke = true, .pkru = RIGHTS(bits)

#define ABSENT             .layout.leaf.present = false
#define RESERVED           .layout.leaf.reserved = true
#define RO                 .layout.leaf.writable = false
#define XD                 .layout.leaf.xd = true
#define KEY_IS(k)          .layout.leaf.key = (k)
#define UPPER(level)       .layout.upper[PKS_##level]
#define ABSENT_AT(level)   UPPER(level).present = false
#define RESERVED_AT(level) UPPER(level).reserved = true
#define SUP_AT(level)      UPPER(level).user = false
#define RO_AT(level)       UPPER(level).writable = false
#define XD_AT(level)       UPPER(level).xd = true
#define KEY_AT(level, k)   UPPER(level).key = (k)
#define SIZE_2M            .layout.leaf_level = PKS_PDE
#define SIZE_1G            .layout.leaf_level = PKS_PDPTE
#define FIVE_LEVELS        .layout.levels = 5
#define CR4_WAS_OPPOSITE   .cr4_stale = true
#define KEY_WAS(k)         .key_stale = true, .old_key = (k)

#define TABLE      {.present = true, .writable = true, .user = true}
#define TABLES     {[PKS_PDE] = TABLE, [PKS_PDPTE] = TABLE, [PKS_PML4E] = TABLE, [PKS_PML5E] = TABLE}
#define PAGE(us)   {.present = true, .writable = true, .user = (us), .key = KEY}
#define LAYOUT(us) {.levels = 4, .leaf_level = PKS_PTE, .leaf = PAGE(us), .upper = TABLES}
#define STATE(us, ...)                                                                                       \
    {.wp = true, .nxe = true, .pks = true, .pkru = RIGHTS(0), .pkrs = RIGHTS(0), .layout = LAYOUT(us),       \
     __VA_ARGS__}
#define SUP(...)   STATE(false, __VA_ARGS__)
#define USER(...)  STATE(true, __VA_ARGS__)

#define READ(...)  {.kind = PKS_READ, __VA_ARGS__}
#define WRITE(...) {.kind = PKS_WRITE, __VA_ARGS__}
#define RMW(...)   {.kind = PKS_RMW, __VA_ARGS__}
#define FETCH(...) {.kind = PKS_FETCH, __VA_ARGS__}
#define FLUSH(...) {.kind = PKS_FLUSH, __VA_ARGS__}
#define CPL(n)     .cpl = (n)
#define IMPLICIT   .implicit = true
#define LOCKED     .locked = true

#define A1        PKS_OPEN_A1
#define A2        PKS_OPEN_A2
#define A3        PKS_OPEN_A3
#define A4        PKS_OPEN_A4
#define A5        PKS_OPEN_A5
#define A6        PKS_OPEN_A6
#define ALSO(...) .also = {__VA_ARGS__}, .also_count = sizeof((const fault_t[]){__VA_ARGS__}) / sizeof(fault_t)
#define NO_OTHER  .also_count = 0

#define ROW(id, group, ...) {PKS_RULE_##id, #group, __VA_ARGS__},
#define GOLDEN(id, group, about, state, access, outcome)                                                     \
    ROW(id, group, about, state, access, {.fault = (outcome), .open = (outcome) & PK ? A4 : 0})
#define OPEN(id, group, about, state, access, outcome, points, others)                                       \
    ROW(id, group, about, state, access, {.fault = (outcome), .open = (points), others})
/* clang-format on */

/* A row overrides initializers of the normal machine; that is its purpose. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
const struct pks_golden pks_golden[] = {
#include "pks/golden.def"
};
#pragma GCC diagnostic pop

const unsigned pks_golden_count = sizeof(pks_golden) / sizeof(pks_golden[0]);
