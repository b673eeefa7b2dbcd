#include "fingerprint.h"

#include "cpu.h"
#include "firmware.h"
#include "format.h"
#include "log.h"
#include "probe.h"
#include "smp.h"
#include "string.h"
#include "time.h"
#include "word.h"

struct word {
    char s[96];
};

static struct word word(const char *text)
{
    struct word w = {.s = ""};

    word_copy(w.s, sizeof(w.s), text);
    return w;
}

/* Several strings of firmware as one word; a long one must not hide the next. */
static struct word words(const char *a, const char *b, const char *c)
{
    char text[3 * SMBIOS_TEXT];

    format(text, sizeof(text), "%.31s %.31s %.31s", a, b, c);
    return word(text);
}

/*
 * Read only: "Determining the Signature" (SDM volume 3, "Microcode Update Facilities") has software write 0
 * first, so that a processor without an update does not show an old number; this kernel writes no register of
 * microcode, and firmware has done the same before.
 */
static uint32_t microcode_revision(void)
{
    struct outcome revision;

    if (cpu.hypervisor[0] || strcmp(cpu.vendor, "GenuineIntel") != 0)
        return 0;                 /* reading it is model-specific, and a hypervisor's answer says nothing */
    cpuid(X86_CPUID_FEATURES, 0); /* loads it */
    /* Not every emulator of an Intel processor has the register: Bochs raises #GP. */
    revision = probe(PROBE_rdmsr, X86_MSR_BIOS_SIGN, 0);
    return revision.fault == FAULT_NONE ? (uint32_t)(revision.value >> 32) : 0;
}

void fingerprint_print(const struct boot_info *boot)
{
    const char *firmware = strcmp(boot->loader, "pvh") == 0 ? "none" : boot->efi ? "uefi" : "bios";
    const struct smbios *s = firmware_smbios(boot);
    struct tsc_frequency tsc = time_tsc();

    log_line("# @ fp cpu=%s-%x-%x-%x hv=%s fw=%s loader=%s ucode=%x pks=%u pku=%u la57=%u smep=%u smap=%u "
             "page1g=%u physbits=%u cpus=%u "
             "cet_ss=%u cet_ibt=%u fred=%u lam=%u tsc_khz=%lu tsc=%s name=%s board=%s system=%s bios=%s",
             word(cpu.vendor).s, cpu.family, cpu.model, cpu.stepping, word(cpu.hypervisor).s, firmware,
             boot->loader, microcode_revision(), cpu.pks, cpu.pku, cpu.la57, cpu.smep, cpu.smap, cpu.page_1g,
             cpu.physical_bits, smp_listed(), cpu.cet_ss, cpu.cet_ibt, cpu.fred, cpu.lam, tsc.khz, tsc.source,
             word(cpu.brand).s, words(s->board_maker, s->board_product, "").s,
             words(s->system_maker, s->system_product, "").s,
             words(s->bios_vendor, s->bios_version, s->bios_date).s);
    if (tsc.wrong_khz)
        log_line("# @ tsc cpuid_khz=%lu clock_khz=%lu", tsc.wrong_khz, tsc.khz);
}
