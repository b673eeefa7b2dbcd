#pragma once
/* The state space: which cases there are, which of them are legal, how one is written, and how they are
 * walked. */

#include "pks/model.h"

#include <stddef.h>

enum pks_axis {
#define AXIS(id, ...) PKS_AXIS_##id,
#include "pks/space.def"
#undef AXIS
    PKS_AXES
};

/* Value numbers that code has to know by name; the others only count. */
enum { PKS_US_NONE, PKS_US_ALL, PKS_US_L5, PKS_US_L4, PKS_US_L3, PKS_US_L2, PKS_US_LEAF };
enum { PKS_AT_NONE, PKS_AT_LEAF, PKS_AT_UPPER };
enum { PKS_TLB_COLD, PKS_TLB_RIGHTS, PKS_TLB_WP };
enum { PKS_KIND_READ1, PKS_KIND_WRITE1 = 4, PKS_KIND_RMW8 = 8, PKS_KIND_LOCKED8, PKS_KIND_FETCH, PKS_KINDS };

/* A point of the space: one value number for each axis. */
struct pks_case {
    uint8_t v[PKS_AXES];
};

unsigned pks_axis_values(enum pks_axis axis);
const char *pks_axis_name(enum pks_axis axis);
const char *pks_value_name(enum pks_axis axis, unsigned value);

/* The case whose every axis has its default value. */
struct pks_case pks_case_default(void);

/*
 * Writes the values that are not the default as "axis:value,axis:value"; the default case is "default". Same
 * return value as format(). pks_case_parse() reads it back; on a word it does not know it returns false with
 * a sentence in err.
 */
size_t pks_case_text(char *buf, size_t size, const struct pks_case *c);
bool pks_case_parse(const char *text, struct pks_case *out, char *err, size_t err_size);

/* What the processor has; cases that need more are illegal. */
struct pks_features {
    bool pks, pku, la57, smep, smap, page_1g;
};

/* Why a case cannot be run, or PKS_LEGAL. */
enum pks_legality {
    PKS_LEGAL,
    PKS_NO_LEVEL,    /* the level with U/S=0 does not exist above this leaf in this paging mode */
    PKS_NO_FEATURE,  /* the processor lacks something */
    PKS_OPEN_POINT,  /* the answer touches an open point: tests of their own */
    PKS_MANY_CAUSES, /* more than one thing denies: tests of their own */
    PKS_LEGALITIES
};

/* The part that does not need the answer: the first two reasons. */
enum pks_legality pks_case_legal(const struct pks_case *c, const struct pks_features *f);

/* The part that does: the last two. */
enum pks_legality pks_answer_legal(const struct pks_answer *answer);

/* What the case means for the model; the kernel's own key is 0, or 1 where key 0 itself is tested. */
unsigned pks_case_kernel_key(const struct pks_case *c);
void pks_case_state(const struct pks_case *c, struct pks_state *state);
struct pks_access pks_case_access(const struct pks_case *c);

/* The state while a warm entry is filled: rights or CR0.WP turned over as the tlb axis says. */
void pks_case_fill_state(const struct pks_case *c, struct pks_state *state);

/*
 * The side axes are those that the quick matrix covers by pairs; the full one takes their whole product. The
 * first of them are about the walk, so that pages with different values of them can be mapped at once; the
 * rest are about control registers. A row is one value for each. The pks_quick_rows() quick rows hold every
 * pair of values of any two side axes; the full ones are numbered apart for the two parts.
 */
#define PKS_WALK_FIRST    PKS_AXIS_rw
#define PKS_CONTROL_FIRST PKS_AXIS_pke
#define PKS_SIDE_END      PKS_AXIS_pks

/* True if the unit belongs to shard `index` of `count` (from 1): every unit to exactly one. */
static inline bool pks_shard_owns(uint64_t unit, uint32_t index, uint32_t count)
{
    return unit % count == index - 1;
}

unsigned pks_quick_rows(void);
void pks_quick_row(unsigned row, enum pks_axis first, enum pks_axis end, struct pks_case *c);

/*
 * Of the eight blocks of combinations that the quick matrix would run with a row, a thinned one takes one of
 * `thin` (1, 2 or 4): which, varies with the row in a way that goes with no single side axis.
 */
bool pks_quick_takes(unsigned row, unsigned block, unsigned thin);

/* Of a set of CPLs, one bit each, the one that the quick matrix takes with a row; chosen in the same way. */
unsigned pks_quick_cpl(unsigned row, unsigned cpls);

unsigned pks_full_rows(enum pks_axis first, enum pks_axis end);
void pks_full_row(unsigned row, enum pks_axis first, enum pks_axis end, struct pks_case *c);
