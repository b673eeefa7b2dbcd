#include "fingerprint.h"

#include "cpu.h"
#include "log.h"
#include "probe.h"
#include "smp.h"
#include "string.h"

/* A copy of a CPUID string that is one word: what is not a printable character becomes '_'. */
struct word {
    char s[16];
};

static struct word word(const char *text)
{
    struct word w = {"none"};
    size_t length = strlen(text);

    if (!length || length >= sizeof(w.s))
        return w;
    for (size_t i = 0; i <= length; i++)
        w.s[i] = !text[i] || (text[i] > ' ' && text[i] <= '~') ? text[i] : '_';
    return w;
}

static uint32_t microcode_revision(void)
{
    if (cpu.hypervisor[0] || strcmp(cpu.vendor, "GenuineIntel") != 0)
        return 0; /* reading it is model-specific, and a hypervisor's answer says nothing */
    /* Not every emulator of an Intel processor has the register: Bochs raises #GP. */
    if (probe(PROBE_wrmsr, X86_MSR_BIOS_SIGN, 0).fault != FAULT_NONE)
        return 0;
    cpuid(X86_CPUID_FEATURES, 0);
    return (uint32_t)(msr_read(X86_MSR_BIOS_SIGN) >> 32);
}

void fingerprint_print(const struct boot_info *boot)
{
    const char *firmware = strcmp(boot->loader, "pvh") == 0 ? "none" : boot->efi ? "uefi" : "bios";

    log_line("# @ fp cpu=%s-%x-%x-%x hv=%s fw=%s loader=%s ucode=%x pks=%u pku=%u la57=%u smep=%u smap=%u "
             "page1g=%u physbits=%u cpus=%u",
             word(cpu.vendor).s, cpu.family, cpu.model, cpu.stepping, word(cpu.hypervisor).s, firmware,
             boot->loader, microcode_revision(), cpu.pks, cpu.pku, cpu.la57, cpu.smep, cpu.smap, cpu.page_1g,
             cpu.physical_bits, smp_count());
}
