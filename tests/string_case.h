#pragma once
/* A string instruction that crosses the edge of two pages, and how far it gets. */

#include "sweep.h"

struct string_kind {
    enum probe_kind kind;
    unsigned bytes; /* of an element */
    bool from_pair; /* the source crosses the edge and the destination does not; otherwise the other way round
                     */
    bool has_source; /* MOVS, not STOS */
};

extern const struct string_kind string_movsb, string_movsq, string_stosb, string_stosq;
extern const struct string_kind string_movsb_source, string_movsq_source;

#define STRING_ELEMENTS 24

struct string_case {
    struct trial trial;
    struct registers all; /* after all elements, whatever is denied */
    unsigned done;        /* elements before the one that is denied, or all */
    uint64_t denied;      /* that element's address */
};

/*
 * The case at a place: memory filled, the bytes of the elements before the denied one expected. Ten elements
 * or so stand on the page the instruction begins on; `down` sets DF and begins on the second one. `shift`
 * bytes put one element on both pages.
 */
struct string_case string_case(const struct pair_place *place, const struct string_kind *kind, bool down,
                               unsigned shift);

/* Expects the bytes of elements `from` to `to` - 1 as well. */
void string_expect(const struct string_case *c, const struct string_kind *kind, unsigned from, unsigned to);
