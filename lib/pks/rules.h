#pragma once
/* The rules and the golden rows as tables (rules.def, golden.def). */

#include "pks/model.h"

/* One name per rule; PKS_RULE_none is their number. */
enum pks_rule_id {
#define RULE(id, title, sentence, tests) PKS_RULE_##id,
#include "pks/rules.def"
#undef RULE
    PKS_RULE_none
};

struct pks_rule {
    const char *id;       /* [a-z0-9_]+ */
    const char *title;    /* of the manual's section */
    const char *sentence; /* what it says */
    const char *tests;    /* comma-separated patterns of the kernel tests that try it */
};

extern const struct pks_rule pks_rules[PKS_RULE_none];

/* One truth transcribed by hand: the rule it shows first of all, and what has to come out. */
struct pks_golden {
    enum pks_rule_id rule;
    const char *group; /* the kernel test rights_golden_<group> runs it */
    const char *about;
    struct pks_state state;
    struct pks_access access;
    struct pks_answer want; /* without reasons */
};

extern const struct pks_golden pks_golden[];
extern const unsigned pks_golden_count;
