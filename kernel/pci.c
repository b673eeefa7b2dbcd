#include "pci.h"

#include "cpu.h"

#define CONFIG_ADDRESS 0xcf8
#define CONFIG_DATA    0xcfc
#define CONFIG_ENABLE  0x80000000u

enum { REG_ID = 0x00, REG_COMMAND = 0x04, REG_CLASS = 0x08, REG_HEADER = 0x0c, REG_BAR = 0x10 };

#define DEVICES         32u
#define FUNCTIONS       8u
#define BUSES           256u
#define BARS            6u
#define NOTHING         0xffffffffu
#define COMMAND_IO      0x1u
#define COMMAND_MEMORY  0x2u
#define COMMAND_MASK    0xffffu /* the upper half is the status register, where ones clear bits */
#define HEADER_TYPE     0x7f0000u
#define HEADER_MANY     0x800000u
#define BAR_IO          0x1u
#define BAR_IO_MASK     0xfffcu
#define BAR_TYPE        0x6u
#define BAR_64          0x4u
#define BAR_MEMORY_MASK 0xfffffff0u
#define INTERFACE_16550 2u

static void select(struct pci_function at, unsigned reg)
{
    outl(CONFIG_ADDRESS, CONFIG_ENABLE | (uint32_t)at.bus << 16 | (uint32_t)at.device << 11 |
                             (uint32_t)at.function << 8 | reg);
}

static uint32_t config_read(struct pci_function at, unsigned reg)
{
    select(at, reg);
    return inl(CONFIG_DATA);
}

static bool present(struct pci_function at)
{
    return config_read(at, REG_ID) != NOTHING;
}

uint16_t pci_class(struct pci_function at)
{
    return (uint16_t)(config_read(at, REG_CLASS) >> 16);
}

uint8_t pci_interface(struct pci_function at)
{
    return (uint8_t)(config_read(at, REG_CLASS) >> 8);
}

static void enable(struct pci_function at, uint32_t what)
{
    uint32_t command = config_read(at, REG_COMMAND) & COMMAND_MASK;

    if (!(command & what)) {
        select(at, REG_COMMAND);
        outl(CONFIG_DATA, command | what);
    }
}

struct pci_bar pci_bar_open(struct pci_function at)
{
    struct pci_bar bar = {.address = 0};

    if (config_read(at, REG_HEADER) & HEADER_TYPE)
        return bar; /* a bridge: no six base addresses */
    for (unsigned i = 0; i < BARS && !bar.address; i++) {
        uint32_t low = config_read(at, REG_BAR + 4 * i);

        bar.io = low & BAR_IO;
        bar.address = bar.io ? low & BAR_IO_MASK : low & BAR_MEMORY_MASK;
        if (!bar.io && (low & BAR_TYPE) == BAR_64 && i + 1 < BARS)
            bar.address |= (uint64_t)config_read(at, REG_BAR + 4 * ++i) << 32;
    }
    if (bar.address)
        enable(at, bar.io ? COMMAND_IO : COMMAND_MEMORY);
    return bar;
}

static bool is_serial(struct pci_function at)
{
    return present(at) && pci_class(at) == PCI_CLASS_SERIAL && pci_interface(at) >= INTERFACE_16550;
}

bool pci_find_serial(struct pci_function *at)
{
    unsigned number = (unsigned)at->bus << 8 | (unsigned)at->device << 3 | at->function;

    while (number < BUSES * DEVICES * FUNCTIONS) {
        struct pci_function first;

        *at = (struct pci_function){(uint8_t)(number >> 8), number >> 3 & (DEVICES - 1),
                                    number & (FUNCTIONS - 1)};
        first = *at;
        first.function = 0;
        if (!present(first)) {
            number = (number | (FUNCTIONS - 1)) + 1;
            continue;
        }
        if (is_serial(*at))
            return true;
        number = config_read(first, REG_HEADER) & HEADER_MANY ? number + 1 : (number | (FUNCTIONS - 1)) + 1;
    }
    return false;
}
