/* Source: Intel 82093AA I/O APIC data sheet; an entry's delivery modes are those of the local APIC. */

#include "ioapic.h"

#include "apic_vectors.h"
#include "firmware.h"
#include "physical.h"
#include "x86.h"

#define SELECT      0u /* registers by their index in 32-bit words */
#define WINDOW      4u
#define VERSION     1u                   /* bits 23:16: the number of the last line */
#define ENTRY(line) (0x10u + 2 * (line)) /* its lower half */
#define DESTINATION 24u                  /* in the upper half */
#define LINES_MAX   240u
#define NOTHING     0xffffffffu /* what a read of no device returns */

static uint32_t read(volatile uint32_t *registers, unsigned index)
{
    registers[SELECT] = index;
    return registers[WINDOW];
}

static void write(volatile uint32_t *registers, unsigned index, uint32_t value)
{
    registers[SELECT] = index;
    registers[WINDOW] = value;
}

static unsigned line_count(volatile uint32_t *registers)
{
    uint32_t version = read(registers, VERSION);
    unsigned count = (version >> 16 & 0xff) + 1;

    return version == NOTHING || count > LINES_MAX ? 0 : count;
}

static void count_open(volatile uint32_t *registers, void *lines)
{
    struct ioapic_lines *sum = lines;
    unsigned count = line_count(registers);

    sum->all += count;
    for (unsigned line = 0; line < count; line++)
        sum->open += apic_entry_open(read(registers, ENTRY(line)));
}

static void mask_open(volatile uint32_t *registers, void *nothing)
{
    unsigned count = line_count(registers);

    (void)nothing;
    for (unsigned line = 0; line < count; line++) {
        uint32_t entry = read(registers, ENTRY(line));

        if (apic_entry_open(entry)) /* the index still stands */
            registers[WINDOW] = entry | X86_APIC_MASKED;
    }
}

static void for_each(const struct boot_info *boot, void (*use)(volatile uint32_t *registers, void *context),
                     void *context)
{
    const char *problem;
    const struct acpi_madt *madt = firmware_madt(boot, &problem);

    for (unsigned i = 0; madt && i < madt->io_apic_count; i++)
        physical_use(boot, madt->io_apic[i].address, use, context);
}

void ioapic_mask_all(const struct boot_info *boot)
{
    for_each(boot, mask_open, NULL);
}

struct ioapic_lines ioapic_lines(const struct boot_info *boot)
{
    struct ioapic_lines lines = {0};

    for_each(boot, count_open, &lines);
    return lines;
}

struct target {
    uint32_t line, apic_id;
    bool done;
};

/* Edge-triggered, active high, to a physical destination: all other bits are 0. */
static void make_nmi(volatile uint32_t *registers, void *wanted)
{
    struct target *target = wanted;

    if (target->line >= line_count(registers))
        return;
    if (!(read(registers, ENTRY(target->line)) & X86_APIC_MASKED))
        return; /* firmware's: all others are masked */
    write(registers, ENTRY(target->line) + 1, target->apic_id << DESTINATION);
    write(registers, ENTRY(target->line), X86_APIC_ICR_NMI);
    target->done = true;
}

static void close_line(volatile uint32_t *registers, void *wanted)
{
    struct target *target = wanted;

    if (target->line >= line_count(registers))
        return;
    write(registers, ENTRY(target->line), X86_APIC_MASKED);
    target->done = true;
}

/* For each I/O APIC that may have the line, until `use` says that it is done. */
static void at_line(const struct boot_info *boot, uint32_t gsi, struct target *target,
                    void (*use)(volatile uint32_t *registers, void *target))
{
    const char *problem;
    const struct acpi_madt *madt = firmware_madt(boot, &problem);

    for (unsigned i = 0; madt && i < madt->io_apic_count && !target->done; i++) {
        target->line = gsi - madt->io_apic[i].first_gsi;
        if (gsi >= madt->io_apic[i].first_gsi)
            physical_use(boot, madt->io_apic[i].address, use, target);
    }
}

bool ioapic_nmi(const struct boot_info *boot, uint32_t gsi, uint32_t apic_id)
{
    struct target target = {.apic_id = apic_id};

    at_line(boot, gsi, &target, make_nmi);
    return target.done;
}

void ioapic_close(const struct boot_info *boot, uint32_t gsi)
{
    struct target target = {.done = false};

    at_line(boot, gsi, &target, close_line);
}
