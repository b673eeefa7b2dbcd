#pragma once
/* The ACPI tables this kernel needs, from bytes of physical memory to values (UEFI Forum, "ACPI Specification
 * 6.5", chapter "ACPI Software Programming Model"; SPCR and HPET by their own documents). Pure: memory is
 * read through a function that may refuse, every length is checked before it is used, and what is wrong with
 * a table is one sentence that names it ("MADT at 0x7fe1000: entry at offset 44 of type 0 has size 7, want
 * 8"). */

#include "boot_info.h"
#include "phys_memory.h"

/* What leads to all tables: the RSDT (4-byte entries) or the XSDT (8-byte entries). */
struct acpi {
    struct phys_memory memory;
    const char *root_name;
    const char *rsdp_source; /* "multiboot2", "pvh", "ebda" or "bios" */
    uint64_t root;
    unsigned entry_size;
    unsigned entry_count;
};

enum acpi_result { ACPI_OK, ACPI_ABSENT, ACPI_BAD };

#define ACPI_TABLE_MAX     (1u << 20) /* bytes; longer ones, which only AML is, are damage where we look */
#define ACPI_CPUS_MAX      4096
#define ACPI_IO_APICS_MAX  256
#define ACPI_OVERRIDES_MAX 256

struct acpi_cpu {
    uint32_t apic_id;
    uint32_t uid;
};

struct acpi_io_apic {
    uint32_t address;
    uint32_t first_gsi;
    uint8_t id;
};

/* An ISA interrupt that arrives as another global system interrupt, or otherwise than edge-triggered high. */
struct acpi_override {
    uint32_t gsi;
    uint16_t flags; /* polarity in bits 1:0, trigger mode in bits 3:2 */
    uint8_t irq;
};

struct acpi_madt {
    uint64_t local_apic;
    bool has_8259;
    unsigned cpu_count, disabled_count, online_capable_count; /* the last two are not in cpu[] */
    unsigned io_apic_count, override_count;
    struct acpi_cpu cpu[ACPI_CPUS_MAX]; /* enabled, every APIC ID once, in the order of the table */
    struct acpi_io_apic io_apic[ACPI_IO_APICS_MAX];
    struct acpi_override override[ACPI_OVERRIDES_MAX];
};

enum { ACPI_SPACE_MEMORY = 0, ACPI_SPACE_IO = 1 };

/* Generic Address Structure. */
struct acpi_address {
    uint64_t address;
    uint8_t space;
    uint8_t bit_width;
    uint8_t access_bytes; /* 1, 2, 4 or 8; 0 where the table leaves it open */
};

struct acpi_spcr {
    struct acpi_address registers; /* address 0: console redirection is off */
    uint8_t type;                  /* 0 and 1 are 16550s, 0x12 is one with the stride of `registers` */
    uint32_t baud;                 /* 0: as firmware has set it */
    uint32_t clock;                /* Hz, 0 where the table does not say */
    bool pci;                      /* the next four say where the UART stands */
    uint8_t segment, bus, device, function;
};

struct acpi_hpet {
    struct acpi_address registers;
    uint32_t id; /* the event timer block's own register of that name */
};

/*
 * Finds the RSDP (boot information, then where a BIOS leaves it), checks it and the RSDT or XSDT. The memory
 * is used by all later calls. ACPI_ABSENT, without a sentence, where no RSDP is found.
 */
enum acpi_result acpi_open(const struct phys_memory *memory, const struct boot_info *boot, struct acpi *out,
                           char *err, size_t err_size);

/*
 * Each reads one table, its checksum included. On ACPI_BAD err holds the sentence and *out is not to be used;
 * ACPI_ABSENT where the root has no such table, unless one of its entries could not be read.
 */
enum acpi_result acpi_madt_read(const struct acpi *acpi, struct acpi_madt *out, char *err, size_t err_size);
enum acpi_result acpi_spcr_read(const struct acpi *acpi, struct acpi_spcr *out, char *err, size_t err_size);
enum acpi_result acpi_hpet_read(const struct acpi *acpi, struct acpi_hpet *out, char *err, size_t err_size);
