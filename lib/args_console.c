#include "args_values.h"

#include "uart.h"

#define UART_DIVISOR_MAX 0xffffu
#define MMIO_STRIDE      4u
#define ADDRESS_END      (1ull << 52) /* no processor has more physical address bits */
#define PCI_TEXT         7u           /* "BB:DD.F" */
#define PCI_DEVICES      32u
#define PCI_FUNCTIONS    8u

/* Where a PC has its serial ports. */
static const struct port {
    const char *name;
    uint16_t port;
} ports[] = {{"com1", UART_COM1}, {"com2", 0x2f8}, {"com3", 0x3e8}, {"com4", 0x2e8}};

/* A number in 0x form only. */
static bool hexadecimal(struct slice value, uint64_t *number)
{
    return value.length >= 2 && value.s[1] == 'x' && slice_number(value, number);
}

static bool set_port(struct args_console *out, struct slice value)
{
    out->kind = CONSOLE_PORT;
    for (unsigned i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
        if (slice_equals(value, ports[i].name)) {
            out->address = ports[i].port;
            return true;
        }
    return hexadecimal(value, &out->address) && out->address >= 1 &&
           out->address <= UINT16_MAX + 1u - UART_REGISTERS;
}

static bool set_mmio32(struct args_console *out, struct slice value)
{
    out->kind = CONSOLE_MMIO32;
    return hexadecimal(value, &out->address) && out->address % MMIO_STRIDE == 0 && out->address &&
           out->address <= ADDRESS_END - UART_REGISTERS * MMIO_STRIDE;
}

/* Exactly `digits` hexadecimal digits. */
static bool take_hex(const char *s, unsigned digits, unsigned *value)
{
    *value = 0;
    for (unsigned i = 0; i < digits; i++) {
        unsigned digit = s[i] >= '0' && s[i] <= '9'   ? (unsigned)(s[i] - '0')
                         : s[i] >= 'a' && s[i] <= 'f' ? (unsigned)(s[i] - 'a' + 10)
                         : s[i] >= 'A' && s[i] <= 'F' ? (unsigned)(s[i] - 'A' + 10)
                                                      : 16;

        if (digit > 15)
            return false;
        *value = *value << 4 | digit;
    }
    return true;
}

static bool set_pci(struct args_console *out, struct slice value)
{
    unsigned bus, device, function;

    if (value.length != PCI_TEXT || value.s[2] != ':' || value.s[5] != '.' || !take_hex(value.s, 2, &bus) ||
        !take_hex(value.s + 3, 2, &device) || !take_hex(value.s + 6, 1, &function))
        return false;
    out->kind = CONSOLE_PCI;
    out->bus = (uint8_t)bus;
    out->device = (uint8_t)device;
    out->function = (uint8_t)function;
    return device < PCI_DEVICES && function < PCI_FUNCTIONS;
}

static bool set_place(struct args_console *out, struct slice value)
{
    struct slice rest;
    struct slice kind = slice_cut(value, ':', &rest);

    if (rest.s == NULL)
        return set_port(out, value);
    if (slice_equals(kind, "mmio32"))
        return set_mmio32(out, rest);
    return slice_equals(kind, "pci") && set_pci(out, rest);
}

static bool set_baud(struct args_console *out, struct slice value)
{
    uint64_t baud;

    if (!slice_number(value, &baud) || baud < 1 || UART_BAUD % baud != 0 ||
        UART_BAUD / baud > UART_DIVISOR_MAX)
        return false;
    out->baud = (uint32_t)baud;
    return true;
}

bool args_set_console(struct args *out, struct slice value)
{
    struct slice baud;
    struct slice place = slice_cut(value, ',', &baud);

    if (slice_equals(value, "auto"))
        return true; /* the default stands */
    if (slice_equals(value, "fb")) {
        out->console.kind = CONSOLE_FB;
        return true;
    }
    return set_place(&out->console, place) && (baud.s == NULL || set_baud(&out->console, baud));
}
