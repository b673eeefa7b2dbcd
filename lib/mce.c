#include "mce.h"

#include "format.h"
#include "x86.h"

enum mce_kind mce_classify(uint64_t status, bool recovery)
{
    if (!(status & X86_MCI_VAL))
        return MCE_NONE;
    if (!(status & X86_MCI_UC))
        return MCE_CORRECTED;
    if (status & X86_MCI_PCC || !recovery)
        return MCE_FATAL;
    if (status & X86_MCI_AR)
        return status & X86_MCI_S ? MCE_REQUIRED : MCE_FATAL; /* S = 0 with AR = 1 is illegal */
    return status & X86_MCI_S ? MCE_OPTIONAL : MCE_NO_ACTION;
}

bool mce_may_go_on(enum mce_kind kind)
{
    return kind <= MCE_OPTIONAL;
}

bool mce_is_new(const struct mce_banks *banks, const struct mce_bank *bank)
{
    return bank->status & X86_MCI_VAL && bank->status != banks->before[bank->number];
}

/* "Interpreting the MCA Error Codes": simple codes, then compound ones by their leading bits; bit 12 is a
 * filter. */
static const char *code_name(uint16_t code)
{
    static const struct {
        uint16_t mask, value;
        const char *name;
    } rows[] = {
        {0xffff, 0x0000, "none"},     {0xffff, 0x0001, "unclassified"},  {0xffff, 0x0002, "microcode_rom"},
        {0xffff, 0x0003, "external"}, {0xffff, 0x0004, "frc"},           {0xffff, 0x0005, "internal_parity"},
        {0xffff, 0x0006, "smm_code"}, {0xffff, 0x0400, "timer"},         {0xffff, 0x0e0b, "io"},
        {0xfc00, 0x0400, "internal"}, {0xeffc, 0x000c, "generic_cache"}, {0xeff0, 0x0010, "tlb"},
        {0xef80, 0x0080, "memory"},   {0xef00, 0x0100, "cache"},         {0xe800, 0x0800, "bus"},
    };

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if ((code & rows[i].mask) == rows[i].value)
            return rows[i].name;
    return "unknown";
}

size_t mce_text(const struct mce_bank *bank, bool recovery, char *buf, size_t size)
{
    static const char *const kind[] = {
        [MCE_NONE] = "none",         [MCE_CORRECTED] = "corrected", [MCE_NO_ACTION] = "no_action",
        [MCE_OPTIONAL] = "optional", [MCE_REQUIRED] = "required",   [MCE_FATAL] = "fatal",
    };
    uint64_t status = bank->status;

    return format(
        buf, size,
        "bank=%u status=%016llx kind=%s code=%s mcacod=0x%04x model=0x%04x pcc=%u over=%u addr=0x%llx "
        "misc=0x%llx cpu=%u",
        bank->number, (unsigned long long)status, kind[mce_classify(status, recovery)],
        code_name(status & 0xffff), (unsigned)(status & 0xffff), (unsigned)(status >> 16 & 0xffff),
        status & X86_MCI_PCC ? 1u : 0u, status & X86_MCI_OVER ? 1u : 0u, (unsigned long long)bank->address,
        (unsigned long long)bank->misc, bank->cpu);
}
