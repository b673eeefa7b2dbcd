/* ACPI Specification 6.5, "Root System Description Pointer (RSDP)" and "Finding the RSDP on IA-PC Systems".
 */

#include "acpi_table.h"
#include "format.h"
#include "string.h"

#define EBDA_SEGMENT  0x40e /* BIOS data area */
#define EBDA_SCAN     1024u
#define LOW_END       0xa0000u
#define BIOS_START    0xe0000u
#define BIOS_END      0x100000u
#define RSDP_ALIGN    16u
#define RSDP_SIZE_OLD 20u
#define RSDP_SIZE_NEW 36u
#define REVISION_NEW  2

struct __attribute__((packed)) rsdp {
    char signature[8];
    uint8_t checksum;
    char oem[6];
    uint8_t revision;
    uint32_t rsdt;
    uint32_t length;
    uint64_t xsdt;
    uint8_t checksum_new;
    uint8_t reserved[3];
};

_Static_assert(sizeof(struct rsdp) == RSDP_SIZE_NEW, "RSDP");

static bool fail(char *err, size_t err_size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static bool fail(char *err, size_t err_size, const char *fmt, ...)
{
    size_t used = format(err, err_size, "RSDP: ");
    va_list args;

    va_start(args, fmt);
    vformat_behind(err, err_size, used, fmt, args);
    va_end(args);
    return false;
}

/* Checks an RSDP of which size bytes, old or new, are there. */
static bool rsdp_check(const struct rsdp *rsdp, size_t size, char *err, size_t err_size)
{
    if (memcmp(rsdp->signature, "RSD PTR ", sizeof(rsdp->signature)) != 0)
        return fail(err, err_size, "its signature is wrong");
    if (bytes_sum(rsdp, RSDP_SIZE_OLD) != 0)
        return fail(err, err_size, "its first %u bytes sum up to 0x%02x, not to 0", RSDP_SIZE_OLD,
                    bytes_sum(rsdp, RSDP_SIZE_OLD));
    if (rsdp->revision < REVISION_NEW || size == RSDP_SIZE_OLD)
        return true;
    if (rsdp->length != RSDP_SIZE_NEW)
        return fail(err, err_size, "its length is %u, not %u", rsdp->length, RSDP_SIZE_NEW);
    if (bytes_sum(rsdp, RSDP_SIZE_NEW) != 0)
        return fail(err, err_size, "its %u bytes sum up to 0x%02x, not to 0", RSDP_SIZE_NEW,
                    bytes_sum(rsdp, RSDP_SIZE_NEW));
    return true;
}

static bool open_root(const struct rsdp *rsdp, size_t size, struct acpi *out, char *err, size_t err_size)
{
    bool wide = rsdp->revision >= REVISION_NEW && size == RSDP_SIZE_NEW && rsdp->xsdt;
    struct acpi_table root;

    if (!rsdp_check(rsdp, size, err, err_size))
        return false;
    out->root_name = wide ? "XSDT" : "RSDT";
    out->entry_size = wide ? sizeof(uint64_t) : sizeof(uint32_t);
    root = acpi_table_named(out, out->root_name, err, err_size);
    root.address = wide ? rsdp->xsdt : rsdp->rsdt;
    if (!acpi_table_check(&root, out->root_name, sizeof(struct acpi_head)))
        return false;
    if ((root.length - sizeof(struct acpi_head)) % out->entry_size)
        return acpi_fail(&root, "its length %u is no whole number of %u-byte entries", root.length,
                         out->entry_size);
    out->root = root.address;
    out->entry_count = (unsigned)((root.length - sizeof(struct acpi_head)) / out->entry_size);
    return true;
}

/* The RSDP at an address: the new form is read only where the old one says that there is one. */
static bool open_at(uint64_t at, struct acpi *out, char *err, size_t err_size)
{
    struct rsdp rsdp = {.revision = 0};
    size_t size = RSDP_SIZE_OLD;
    bool read = out->memory.read(out->memory.context, at, &rsdp, size);

    if (read && rsdp.revision >= REVISION_NEW) {
        size = RSDP_SIZE_NEW;
        read = out->memory.read(out->memory.context, at, &rsdp, size);
    }
    if (!read)
        return fail(err, err_size, "its %u bytes at 0x%llx cannot be read", (unsigned)size,
                    (unsigned long long)at);
    return open_root(&rsdp, size, out, err, err_size);
}

/* The first address that holds a signature and a sound checksum; 0 where none does. */
static uint64_t scan(const struct phys_memory *memory, uint64_t start, uint64_t end)
{
    uint8_t old[RSDP_SIZE_OLD];

    for (uint64_t at = start; at + sizeof(old) <= end; at += RSDP_ALIGN)
        if (memory->read(memory->context, at, old, sizeof(old)) && memcmp(old, "RSD PTR ", 8) == 0 &&
            bytes_sum(old, sizeof(old)) == 0)
            return at;
    return 0;
}

static uint64_t scan_bios(struct acpi *out)
{
    uint16_t segment = 0;
    uint64_t at = 0;

    out->rsdp_source = "ebda";
    if (out->memory.read(out->memory.context, EBDA_SEGMENT, &segment, sizeof(segment)) && segment &&
        ((uint32_t)segment << 4) + EBDA_SCAN <= LOW_END)
        at = scan(&out->memory, (uint32_t)segment << 4, ((uint32_t)segment << 4) + EBDA_SCAN);
    if (at)
        return at;
    out->rsdp_source = "bios";
    return scan(&out->memory, BIOS_START, BIOS_END);
}

enum acpi_result acpi_open(const struct phys_memory *memory, const struct boot_info *boot, struct acpi *out,
                           char *err, size_t err_size)
{
    struct rsdp copy = {.revision = 0};
    uint64_t at = boot->rsdp;

    *out = (struct acpi){.memory = *memory, .rsdp_source = boot->loader};
    if (boot->rsdp_size) {
        memcpy(&copy, boot->rsdp_copy, boot->rsdp_size);
        return open_root(&copy, boot->rsdp_size, out, err, err_size) ? ACPI_OK : ACPI_BAD;
    }
    if (!at && !boot->efi) /* under EFI there is nothing to find at these places */
        at = scan_bios(out);
    if (!at)
        return ACPI_ABSENT;
    return open_at(at, out, err, err_size) ? ACPI_OK : ACPI_BAD;
}
