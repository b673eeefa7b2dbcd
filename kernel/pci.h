#pragma once
/* PCI configuration space through ports 0xCF8 and 0xCFC. Source: PCI Local Bus Specification 3.0,
 * "Configuration Mechanism #1" and "Configuration Space Header". */

#include <stdbool.h>
#include <stdint.h>

struct pci_function {
    uint8_t bus, device, function;
};

/* A base address register: an I/O port or physical memory; address 0 where there is none. */
struct pci_bar {
    uint64_t address;
    bool io;
};

#define PCI_CLASS_SERIAL 0x0700u /* base class and subclass: serial controller */

/* Class and subclass of a function; 0xffff where nothing answers. */
uint16_t pci_class(struct pci_function at);

/* The programming interface byte beside them; for serial controllers 2 and more is a 16550. */
uint8_t pci_interface(struct pci_function at);

/* The first base address register that is set, and the function made to answer there. */
struct pci_bar pci_bar_open(struct pci_function at);

/*
 * The first serial controller with a 16550's interface at *at or behind it, in the order of the numbers;
 * false where there is none. Looks at bridges and devices by their header only.
 */
bool pci_find_serial(struct pci_function *at);
