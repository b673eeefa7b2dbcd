#include "firmware.h"

#include "log.h"
#include "physical.h"

static struct acpi acpi;
static enum acpi_result result;
static bool looked;
static char problem[160];

const struct acpi *firmware_acpi(const struct boot_info *boot)
{
    struct phys_memory memory = {physical_read, (void *)(uintptr_t)boot};

    if (!looked)
        result = acpi_open(&memory, boot, &acpi, problem, sizeof(problem));
    looked = true;
    return result == ACPI_OK ? &acpi : NULL;
}

void firmware_print(void)
{
    if (!looked)
        return;
    if (result == ACPI_OK)
        log_line("# @ acpi root=%s at=0x%lx tables=%u found=%s", acpi.root_name, acpi.root, acpi.entry_count,
                 acpi.rsdp_source);
    else
        log_line("# @ acpi root=none why=%s", result == ACPI_ABSENT ? "no RSDP found" : problem);
}
