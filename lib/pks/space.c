#include "pks/space.h"

#include "format.h"
#include "slice.h"
#include "string.h"

#define VALUES_MAX 16

struct axis {
    const char *name;
    const char *normal;
    const char *value[VALUES_MAX + 1];
};

static const struct axis axes[PKS_AXES] = {
#define AXIS(id, normal, ...) [PKS_AXIS_##id] = {#id, normal, {__VA_ARGS__}},
#include "pks/space.def"
#undef AXIS
};

unsigned pks_axis_values(enum pks_axis axis)
{
    unsigned count = 1; /* an axis has a value */

    while (axes[axis].value[count])
        count++;
    return count;
}

const char *pks_axis_name(enum pks_axis axis)
{
    return axes[axis].name;
}

const char *pks_value_name(enum pks_axis axis, unsigned value)
{
    return axes[axis].value[value];
}

/* The number of a value by its name, or of the count of values when there is no such name. */
static unsigned value_number(enum pks_axis axis, struct slice name)
{
    unsigned value = 0;

    while (axes[axis].value[value] && !slice_equals(name, axes[axis].value[value]))
        value++;
    return value;
}

struct pks_case pks_case_default(void)
{
    struct pks_case c;

    for (enum pks_axis a = 0; a < PKS_AXES; a++)
        c.v[a] = (uint8_t)value_number(a, (struct slice){axes[a].normal, strlen(axes[a].normal)});
    return c;
}

size_t pks_case_text(char *buf, size_t size, const struct pks_case *c)
{
    struct pks_case normal = pks_case_default();
    size_t used = 0;

    for (enum pks_axis a = 0; a < PKS_AXES; a++)
        if (c->v[a] != normal.v[a])
            used += format(used < size ? buf + used : NULL, used < size ? size - used : 0, "%s%s:%s",
                           used ? "," : "", axes[a].name, axes[a].value[c->v[a]]);
    return used ? used : format(buf, size, "default");
}

static bool parse_word(struct slice word, struct pks_case *out, char *err, size_t err_size)
{
    struct slice value;
    struct slice name = slice_cut(word, ':', &value);

    for (enum pks_axis a = 0; a < PKS_AXES; a++) {
        unsigned number;

        if (!slice_equals(name, axes[a].name))
            continue;
        number = value.s ? value_number(a, value) : VALUES_MAX;
        if (number < pks_axis_values(a)) {
            out->v[a] = (uint8_t)number;
            return true;
        }
        format(err, err_size, "case: '%s' is no value of the axis %s", slice_text(word).s, axes[a].name);
        return false;
    }
    format(err, err_size, "case: '%s' is not axis:value", slice_text(word).s);
    return false;
}

bool pks_case_parse(const char *text, struct pks_case *out, char *err, size_t err_size)
{
    struct slice rest = {text, strlen(text)};

    *out = pks_case_default();
    if (slice_equals(rest, "default"))
        return true;
    while (rest.s)
        if (!parse_word(slice_cut(rest, ',', &rest), out, err, err_size))
            return false;
    return true;
}

/* ---- rows of the side axes */

unsigned pks_full_rows(enum pks_axis first, enum pks_axis end)
{
    unsigned rows = 1;

    for (enum pks_axis a = first; a < end; a++)
        rows *= pks_axis_values(a);
    return rows;
}

void pks_full_row(unsigned row, enum pks_axis first, enum pks_axis end, struct pks_case *c)
{
    for (enum pks_axis a = first; a < end; a++) {
        c->v[a] = (uint8_t)(row % pks_axis_values(a));
        row /= pks_axis_values(a);
    }
}

/*
 * Quick rows are the 32 points of a five-dimensional space over two elements. Each bit of an axis is the
 * parity of some of the five coordinates. Any two of the axes' subspaces meet in nothing but zero, so that
 * all pairs of values occur (a linear orthogonal array of strength 2: Hedayat, Sloane, Stufken, "Orthogonal
 * Arrays", 1999).
 */
static const struct {
    uint8_t low, high; /* coordinates of the value's two bits; high is 0 for axes of two values */
} coordinates[PKS_AXES] = {
    [PKS_AXIS_pkru] = {0x01, 0x02}, [PKS_AXIS_rw] = {0x04, 0x08},  [PKS_AXIS_xd] = {0x05, 0x0a},
    [PKS_AXIS_upkeys] = {0x10, 0},  [PKS_AXIS_half] = {0x11, 0},   [PKS_AXIS_global] = {0x12, 0},
    [PKS_AXIS_pke] = {0x13, 0},     [PKS_AXIS_smep] = {0x14, 0},   [PKS_AXIS_smap] = {0x15, 0},
    [PKS_AXIS_ac] = {0x16, 0},      [PKS_AXIS_others] = {0x17, 0},
};

unsigned pks_quick_rows(void)
{
    return 32;
}

static unsigned parity(unsigned bits)
{
    unsigned odd = 0;

    for (; bits; bits &= bits - 1)
        odd ^= 1;
    return odd;
}

void pks_quick_row(unsigned row, enum pks_axis first, enum pks_axis end, struct pks_case *c)
{
    for (enum pks_axis a = first; a < end; a++) {
        unsigned value = parity(row & coordinates[a].low) | parity(row & coordinates[a].high) << 1;

        c->v[a] = (uint8_t)(value % pks_axis_values(a));
    }
}

bool pks_quick_takes(unsigned row, unsigned block, unsigned thin)
{
    /* two coordinates whose subspace meets none of the axes' */
    unsigned chosen = parity(row & 0x18) | parity(row & 0x1e) << 1;

    return (block ^ chosen) % thin == 0;
}

unsigned pks_quick_cpl(unsigned row, unsigned cpls)
{
    unsigned left = parity(row & 0x07) | parity(row & 0x09) << 1;
    unsigned cpl = 0;

    for (;; cpl = (cpl + 1) % 4)
        if (cpls >> cpl & 1 && left-- == 0)
            return 1u << cpl;
}
