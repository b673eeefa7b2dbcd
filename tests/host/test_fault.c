/* The printed form of a fault: rows by hand, and no two faults that print alike. */

#include "host.h"

#include "fault.h"

#include <stdio.h>

static void assert_text(fault_t fault, const char *want)
{
    assert_string_equal(fault_text(fault).s, want);
}

static void rows_by_hand(void **state)
{
    (void)state;
    assert_text(FAULT_NONE, "none");
    assert_text(FAULT(X86_VEC_DE, 0), "#DE");
    assert_text(FAULT(X86_VEC_NMI, 0), "#NMI");
    assert_text(FAULT(X86_VEC_UD, 0), "#UD");
    assert_text(FAULT(X86_VEC_UD, 5), "#UD[0005]");
    assert_text(FAULT(X86_VEC_DF, 0), "#DF[0000]");
    assert_text(FAULT_GP(0), "#GP[0000]");
    assert_text(FAULT_GP(0x18), "#GP[0018]");
    assert_text(FAULT_GP(0xffff), "#GP[ffff]");
    assert_text(FAULT(X86_VEC_CP, 1), "#CP[0001]");
    assert_text(FAULT(X86_VEC_HV, 0), "#HV");
    assert_text(FAULT(9, 0), "#9");
    assert_text(FAULT(15, 0), "#15");
    assert_text(FAULT(33, 0), "#33");
    assert_text(FAULT(255, 0), "#255");
    assert_text(FAULT(255, 0xffff), "#255[ffff]");
    assert_text(FAULT_PF(0), "#PF[---sr-]");
    assert_text(FAULT_PF(X86_PF_P), "#PF[---srP]");
    assert_text(FAULT_PF(X86_PF_W), "#PF[---sW-]");
    assert_text(FAULT_PF(X86_PF_U), "#PF[---Ur-]");
    assert_text(FAULT_PF(X86_PF_R | X86_PF_P), "#PF[--RsrP]");
    assert_text(FAULT_PF(X86_PF_I), "#PF[-I-sr-]");
    assert_text(FAULT_PF(X86_PF_PK | X86_PF_P), "#PF[K--srP]");
    assert_text(FAULT_PF(X86_PF_PK | X86_PF_W | X86_PF_P), "#PF[K--sWP]");
    assert_text(FAULT_PF(0x3f), "#PF[KIRUWP]");
    assert_text(FAULT_PF(X86_PF_SS | X86_PF_P), "#PF[---srP+SS]");
    assert_text(FAULT_PF(X86_PF_SGX | X86_PF_P), "#PF[---srP+SGX]");
    assert_text(FAULT_PF(0x80), "#PF[---sr-+0x80]");
    assert_text(FAULT_PF(0xffff), "#PF[KIRUWP+SS+SGX+0x7f80]");
}

static void a_fault_is_its_vector_and_code(void **state)
{
    (void)state;
    assert_int_equal(fault_vector(FAULT_PF(0x21)), 14);
    assert_int_equal(fault_code(FAULT_PF(0x21)), 0x21);
    assert_int_equal(fault_vector(FAULT(255, 0xffff)), 255);
    assert_int_equal(fault_code(FAULT(255, 0xffff)), 0xffff);
    assert_true(FAULT(X86_VEC_DE, 0) != FAULT_NONE);
}

/* Intel SDM volume 3, "Error Code", and for 29 and 30 the APM. */
static void vectors_with_a_code(void **state)
{
    static const unsigned with_code[] = {8, 10, 11, 12, 13, 14, 17, 21, 29, 30};

    (void)state;
    for (unsigned vector = 0; vector < X86_VECTORS; vector++) {
        bool want = false;

        for (size_t i = 0; i < COUNT(with_code); i++)
            want |= with_code[i] == vector;
        assert_int_equal(fault_has_code(vector), want);
    }
}

static void names_of_vectors(void **state)
{
    static const char *const want[32] = {"DE", "DB", "NMI", "BP", "OF", "BR", "UD", "NM", "DF", NULL, "TS",
                                         "NP", "SS", "GP",  "PF", NULL, "MF", "AC", "MC", "XM", "VE", "CP",
                                         NULL, NULL, NULL,  NULL, NULL, NULL, "HV", "VC", "SX", NULL};

    (void)state;
    for (unsigned vector = 0; vector < X86_VECTORS; vector++)
        if (vector < 32 && want[vector] != NULL)
            assert_string_equal(vector_name(vector), want[vector]);
        else
            assert_null(vector_name(vector));
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Every page fault with every code, and every other vector with a few. */
static void no_two_faults_print_alike(void **state)
{
    static const unsigned codes[] = {0, 1, 0x10, 0x100, 0xabc, 0xffff};
    size_t count = 0;
    struct fault_text *texts = malloc((0x10000 + X86_VECTORS * COUNT(codes)) * sizeof(*texts));

    (void)state;
    assert_non_null(texts);
    texts[count++] = fault_text(FAULT_NONE);
    for (unsigned code = 0; code <= 0xffff; code++)
        texts[count++] = fault_text(FAULT_PF(code));
    for (unsigned vector = 0; vector < X86_VECTORS; vector++)
        for (size_t i = 0; vector != X86_VEC_PF && i < COUNT(codes); i++)
            texts[count++] = fault_text(FAULT(vector, codes[i]));
    qsort(texts, count, sizeof(*texts), compare_texts);
    for (size_t i = 0; i + 1 < count; i++) {
        assert_true(strlen(texts[i].s) < sizeof(texts[i].s) - 1); /* not cut */
        assert_string_not_equal(texts[i].s, texts[i + 1].s);
    }
    free(texts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_by_hand),
        cmocka_unit_test(a_fault_is_its_vector_and_code),
        cmocka_unit_test(vectors_with_a_code),
        cmocka_unit_test(names_of_vectors),
        cmocka_unit_test(no_two_faults_print_alike),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
