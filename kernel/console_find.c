/* SPCR: Microsoft, "Serial Port Console Redirection Table (SPCR)". Where a PC has its serial ports: IBM and
 * its heirs.
 */

#include "console_find.h"

#include "firmware.h"
#include "format.h"
#include "kmap.h"
#include "pci.h"
#include "serial.h"
#include "string.h"

enum { SPCR_16550 = 0, SPCR_16550_SUBSET = 1, SPCR_16550_WITH_ADDRESS = 0x12 };

static void say(struct console_choice *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Adds a part to the reason. */
static void say(struct console_choice *out, const char *fmt, ...)
{
    size_t used = strlen(out->why);
    va_list args;

    if (used)
        used += format(out->why + used, sizeof(out->why) - used, ", ");
    if (used >= sizeof(out->why))
        return;
    va_start(args, fmt);
    vformat(out->why + used, sizeof(out->why) - used, fmt, args);
    va_end(args);
}

/* Takes the UART unless nothing answers there. */
static bool take(struct console_choice *out, struct uart uart, uint32_t clock, uint32_t baud)
{
    if (uart_absent(&uart)) {
        say(out, "nothing answers at %s", out->name);
        return false;
    }
    out->uart = uart;
    out->divisor = uart_divisor(clock, baud);
    out->baud = out->divisor ? baud : 0;
    out->found = true;
    return true;
}

static bool take_port(struct console_choice *out, uint64_t port, uint32_t clock, uint32_t baud)
{
    format(out->name, sizeof(out->name), "0x%lx", port);
    if (!port || port > UINT16_MAX + 1u - UART_REGISTERS) {
        say(out, "%s is no port", out->name);
        return false;
    }
    return take(out, serial_at_port((uint16_t)port), clock, baud);
}

static bool take_memory(struct console_choice *out, uint64_t address, unsigned width, uint32_t clock,
                        uint32_t baud)
{
    volatile void *registers = NULL;

    format(out->name, sizeof(out->name), "mmio%u:0x%lx", width * 8, address);
    if ((width == 1 || width == 2 || width == 4) && address % width == 0)
        registers = kernel_map_device(address, UART_REGISTERS * width);
    if (!registers) {
        say(out, "%s cannot be registers", out->name);
        return false;
    }
    return take(out, serial_at_memory(registers, width), clock, baud);
}

static bool take_pci(struct console_choice *out, struct pci_function at, uint32_t clock, uint32_t baud)
{
    struct pci_bar bar;
    char name[sizeof(out->name)];
    bool taken;

    format(name, sizeof(name), "pci:%02x:%02x.%x", at.bus, at.device, at.function);
    if (pci_class(at) != PCI_CLASS_SERIAL) {
        say(out, "%s is no serial controller", name);
        return false;
    }
    bar = pci_bar_open(at);
    taken = bar.io ? take_port(out, bar.address, clock, baud) : take_memory(out, bar.address, 1, clock, baud);
    memcpy(out->name, name, sizeof(name));
    return taken;
}

/* A PCI UART behind its base address, unless the table has the address itself. */
static bool take_spcr(struct console_choice *out, const struct acpi_spcr *spcr)
{
    const struct acpi_address *at = &spcr->registers;
    struct pci_function pci = {spcr->bus, spcr->device, spcr->function};

    if (spcr->type != SPCR_16550 && spcr->type != SPCR_16550_SUBSET &&
        spcr->type != SPCR_16550_WITH_ADDRESS) {
        say(out, "SPCR has an interface of type %u", spcr->type);
        return false;
    }
    if (!at->address && !spcr->pci) {
        say(out, "SPCR says that redirection is off");
        return false;
    }
    say(out, "SPCR");
    if (!at->address)
        return spcr->segment == 0 && take_pci(out, pci, spcr->clock, spcr->baud);
    if (at->space == ACPI_SPACE_IO)
        return take_port(out, at->address, spcr->clock, spcr->baud);
    if (at->space == ACPI_SPACE_MEMORY) /* without a known clock the firmware's divisor is the right one */
        return take_memory(out, at->address, at->access_bytes ? at->access_bytes : at->bit_width / 8,
                           spcr->clock, spcr->clock ? spcr->baud : 0);
    say(out, "address space %u", at->space);
    return false;
}

static bool by_spcr(const struct boot_info *boot, struct console_choice *out)
{
    const struct acpi *acpi = firmware_acpi(boot);
    struct acpi_spcr spcr;
    char problem[sizeof(out->why) / 2] = "no ACPI";
    enum acpi_result result = acpi ? acpi_spcr_read(acpi, &spcr, problem, sizeof(problem)) : ACPI_BAD;

    if (result == ACPI_OK)
        return take_spcr(out, &spcr);
    say(out, "%s", result == ACPI_BAD ? problem : "no SPCR");
    return false;
}

bool console_find_port(struct console_choice *out)
{
    static const uint16_t ports[] = {UART_COM1, 0x2f8, 0x3e8, 0x2e8};

    for (unsigned i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
        struct uart uart = serial_at_port(ports[i]);

        if (!uart_probe(&uart))
            continue;
        say(out, "com%u passed the probe", i + 1);
        return take_port(out, ports[i], 0, UART_BAUD);
    }
    say(out, "com1 to com4 failed the probe");
    return false;
}

static bool by_pci(struct console_choice *out)
{
    struct pci_function at = {0, 0, 0};

    if (!pci_find_serial(&at)) {
        say(out, "no PCI UART");
        return false;
    }
    say(out, "first PCI UART");
    return take_pci(out, at, 0, UART_BAUD);
}

static void by_line(const struct args_console *wanted, struct console_choice *out)
{
    struct pci_function at = {wanted->bus, wanted->device, wanted->function};
    uint32_t baud = wanted->baud ? wanted->baud : UART_BAUD;

    say(out, "command line");
    if (wanted->kind == CONSOLE_PORT)
        take_port(out, wanted->address, 0, baud);
    else if (wanted->kind ==
             CONSOLE_MMIO32) /* its clock is not a PC's: without BAUD the firmware's setting stays */
        take_memory(out, wanted->address, sizeof(uint32_t), 0, wanted->baud);
    else if (wanted->kind == CONSOLE_PCI)
        take_pci(out, at, 0, baud);
}

void console_find(const struct args_console *wanted, const struct boot_info *boot, struct console_choice *out)
{
    memset(out, 0, sizeof(*out));
    if (wanted->kind != CONSOLE_AUTO)
        by_line(wanted, out);
    else if (!by_spcr(boot, out) && !console_find_port(out))
        by_pci(out);
}
