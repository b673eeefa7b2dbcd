#include "firmware.h"

#include "log.h"
#include "physical.h"

#define PROBLEM_SIZE 160

static struct {
    struct acpi tables;
    enum acpi_result result;
    bool looked;
    char problem[PROBLEM_SIZE];
} acpi;

static struct {
    struct smbios strings;
    enum smbios_result result;
    bool looked;
    char problem[PROBLEM_SIZE];
} smbios;

static struct phys_memory memory(const struct boot_info *boot)
{
    return (struct phys_memory){physical_read, (void *)(uintptr_t)boot};
}

const struct acpi *firmware_acpi(const struct boot_info *boot)
{
    struct phys_memory from = memory(boot);

    if (!acpi.looked)
        acpi.result = acpi_open(&from, boot, &acpi.tables, acpi.problem, sizeof(acpi.problem));
    acpi.looked = true;
    return acpi.result == ACPI_OK ? &acpi.tables : NULL;
}

const struct smbios *firmware_smbios(const struct boot_info *boot)
{
    struct phys_memory from = memory(boot);

    if (!smbios.looked)
        smbios.result = smbios_read(&from, boot, &smbios.strings, smbios.problem, sizeof(smbios.problem));
    smbios.looked = true;
    return &smbios.strings;
}

bool firmware_emulated(void)
{
    return smbios_emulator(&smbios.strings);
}

static void print_acpi(void)
{
    if (acpi.result == ACPI_OK)
        log_line("# @ acpi root=%s at=0x%lx tables=%u found=%s", acpi.tables.root_name, acpi.tables.root,
                 acpi.tables.entry_count, acpi.tables.rsdp_source);
    else
        log_line("# @ acpi root=none why=%s", acpi.result == ACPI_ABSENT ? "no RSDP found" : acpi.problem);
}

/* Damaged ones are read as far as they are sound. */
static void print_smbios(void)
{
    const struct smbios *s = &smbios.strings;

    if (smbios.result == SMBIOS_OK)
        log_line("# @ smbios version=%u.%u structures=%u found=%s", s->major, s->minor, s->structures,
                 s->source);
    else
        log_line("# @ smbios version=none why=%s",
                 smbios.result == SMBIOS_ABSENT ? "no entry point found" : smbios.problem);
}

const struct acpi_madt *firmware_madt(const struct boot_info *boot, const char **why)
{
    static struct acpi_madt madt;
    static char text[96];
    static enum acpi_result read = ACPI_ABSENT;
    static bool read_it;
    const struct acpi *tables = firmware_acpi(boot);

    if (tables && !read_it)
        read = acpi_madt_read(tables, &madt, text, sizeof(text));
    read_it = true;
    *why = !tables ? NULL : text[0] ? text : "ACPI has no MADT";
    return read == ACPI_OK ? &madt : NULL;
}

void firmware_print(void)
{
    if (acpi.looked)
        print_acpi();
    if (smbios.looked)
        print_smbios();
}
