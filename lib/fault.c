#include "fault.h"

#include "format.h"

/* Intel SDM volume 3, "Exception and Interrupt Reference"; 28 to 30 are AMD's (APM volume 2, "Vectors"). NMI
 * has no '#' mnemonic of Intel's and takes AMD's. */
static const char *const names[32] = {
    [X86_VEC_DE] = "DE", [X86_VEC_DB] = "DB", [X86_VEC_NMI] = "NMI", [X86_VEC_BP] = "BP", [X86_VEC_OF] = "OF",
    [X86_VEC_BR] = "BR", [X86_VEC_UD] = "UD", [X86_VEC_NM] = "NM",   [X86_VEC_DF] = "DF", [X86_VEC_TS] = "TS",
    [X86_VEC_NP] = "NP", [X86_VEC_SS] = "SS", [X86_VEC_GP] = "GP",   [X86_VEC_PF] = "PF", [X86_VEC_MF] = "MF",
    [X86_VEC_AC] = "AC", [X86_VEC_MC] = "MC", [X86_VEC_XM] = "XM",   [X86_VEC_VE] = "VE", [X86_VEC_CP] = "CP",
    [X86_VEC_HV] = "HV", [X86_VEC_VC] = "VC", [X86_VEC_SX] = "SX",
};

/* The letters of a page fault's error code in the order they print. */
static const struct {
    unsigned bit;
    char set;
    char clear;
} letters[] = {
    {X86_PF_PK, 'K', '-'}, {X86_PF_I, 'I', '-'}, {X86_PF_R, 'R', '-'},
    {X86_PF_U, 'U', 's'},  {X86_PF_W, 'W', 'r'}, {X86_PF_P, 'P', '-'},
};

#define LETTERS    (sizeof(letters) / sizeof(letters[0]))
#define PF_LETTERS (X86_PF_PK | X86_PF_I | X86_PF_R | X86_PF_U | X86_PF_W | X86_PF_P)
#define PF_NAMED   (PF_LETTERS | X86_PF_SS | X86_PF_SGX)

const char *vector_name(unsigned vector)
{
    return vector < sizeof(names) / sizeof(names[0]) ? names[vector] : NULL;
}

static void page_fault_text(struct fault_text *text, unsigned code)
{
    char columns[LETTERS + 1] = {0};
    char other[sizeof("+0x7f80")] = "";

    for (unsigned i = 0; i < LETTERS; i++)
        columns[i] = (code & letters[i].bit) ? letters[i].set : letters[i].clear;
    if (code & ~PF_NAMED)
        format(other, sizeof(other), "+0x%x", code & ~PF_NAMED);
    format(text->s, sizeof(text->s), "#PF[%s%s%s%s]", columns, code & X86_PF_SS ? "+SS" : "",
           code & X86_PF_SGX ? "+SGX" : "", other);
}

struct fault_text fault_text(fault_t fault)
{
    unsigned vector = fault_vector(fault);
    unsigned code = fault_code(fault);
    const char *name = vector_name(vector);
    char number[sizeof("255")];
    char shown_code[sizeof("[ffff]")] = "";
    struct fault_text text = {""};

    if (fault == FAULT_NONE) {
        format(text.s, sizeof(text.s), "none");
        return text;
    }
    if (vector == X86_VEC_PF) {
        page_fault_text(&text, code);
        return text;
    }
    if (name == NULL) {
        format(number, sizeof(number), "%u", vector);
        name = number;
    }
    /* A code where the processor pushes none is shown too: faults that differ must not print alike. */
    if (fault_has_code(vector) || code != 0)
        format(shown_code, sizeof(shown_code), "[%04x]", code);
    format(text.s, sizeof(text.s), "#%s%s", name, shown_code);
    return text;
}
