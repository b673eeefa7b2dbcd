/* Machine-check banks: the table "MC_i_STATUS: uncorrected recoverable errors" of the manual, row by row, and
 * the text. */

#include "host.h"

#include <stdio.h>

#include "mce.h"
#include "x86.h"

static void kinds(void **state)
{
    const uint64_t val = X86_MCI_VAL, uc = val | X86_MCI_UC;
    const struct {
        uint64_t status;
        bool recovery;
        enum mce_kind kind;
    } rows[] = {
        {0, true, MCE_NONE},
        {~X86_MCI_VAL, true, MCE_NONE},
        {val, true, MCE_CORRECTED},
        {val | X86_MCI_PCC | X86_MCI_OVER, false, MCE_CORRECTED},
        {uc, true, MCE_NO_ACTION},
        {uc | X86_MCI_S, true, MCE_OPTIONAL},
        {uc | X86_MCI_S | X86_MCI_OVER, true, MCE_OPTIONAL},
        {uc | X86_MCI_S | X86_MCI_AR, true, MCE_REQUIRED},
        {uc | X86_MCI_AR, true, MCE_FATAL},
        {uc | X86_MCI_PCC, true, MCE_FATAL},
        {uc | X86_MCI_PCC | X86_MCI_S, true, MCE_FATAL},
        /* without MCG_SER_P the bits S and AR mean something else */
        {uc, false, MCE_FATAL},
        {uc | X86_MCI_S, false, MCE_FATAL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(mce_classify(rows[i].status, rows[i].recovery), rows[i].kind);
        assert_int_equal(mce_may_go_on(rows[i].kind),
                         rows[i].kind != MCE_REQUIRED && rows[i].kind != MCE_FATAL);
    }
}

static void new_since_the_boot(void **state)
{
    const struct mce_banks banks = {.count = 3, .before = {0, X86_MCI_VAL | 0x135, 0x135}};
    const struct {
        unsigned number;
        uint64_t status;
        bool is_new;
    } rows[] = {
        {0, 0, false},
        {0, X86_MCI_VAL | 0x135, true},
        {1, X86_MCI_VAL | 0x135, false},
        {1, X86_MCI_VAL | X86_MCI_OVER | 0x135, true},
        {1, 0, false},
        {2, 0x135, false},
        {2, X86_MCI_VAL | 0x135, true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct mce_bank bank = {.number = rows[i].number, .status = rows[i].status};

        assert_int_equal(mce_is_new(&banks, &bank), rows[i].is_new);
    }
}

static void codes(void **state)
{
    /* "Incremental Decoding Information" is model-specific; these are the architectural codes. */
    static const struct {
        uint16_t code;
        const char *name;
    } rows[] = {
        {0x0000, "none"},    {0x0001, "unclassified"}, {0x0005, "internal_parity"},
        {0x0400, "timer"},   {0x0401, "internal"},     {0x000e, "generic_cache"},
        {0x0014, "tlb"},     {0x1014, "tlb"},          {0x009f, "memory"},
        {0x00c1, "memory"},  {0x0135, "cache"},        {0x1135, "cache"},
        {0x0e0b, "io"},      {0x0c0f, "bus"},          {0x0020, "unknown"},
        {0x2135, "unknown"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct mce_bank bank = {.number = 3, .status = X86_MCI_VAL | rows[i].code};
        char text[256], want[256];

        mce_text(&bank, true, text, sizeof(text));
        snprintf(
            want, sizeof(want),
            "bank=3 status=800000000000%04x kind=corrected code=%s mcacod=0x%04x model=0x0000 pcc=0 over=0 "
            "addr=0x0 misc=0x0 cpu=0",
            rows[i].code, rows[i].name, rows[i].code);
        assert_string_equal(text, want);
    }
}

static void text(void **state)
{
    struct mce_bank bank = {.number = 7,
                            .cpu = 511,
                            .status = X86_MCI_VAL | X86_MCI_UC | X86_MCI_PCC | X86_MCI_OVER | 0x12340135,
                            .address = 0xfee1dead,
                            .misc = 0x8c};
    const char *want =
        "bank=7 status=e200000012340135 kind=fatal code=cache mcacod=0x0135 model=0x1234 pcc=1 over=1 "
        "addr=0xfee1dead misc=0x8c cpu=511";
    char line[256];

    (void)state;
    assert_int_equal(mce_text(&bank, true, line, sizeof(line)), strlen(want));
    assert_string_equal(line, want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds),
        cmocka_unit_test(new_since_the_boot),
        cmocka_unit_test(codes),
        cmocka_unit_test(text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
