/* SMBIOS. Input: two bytes of choices, then memory that is both the BIOS's 64 KiB (as far as it goes) and
 * what the tables' addresses lead to. Chance does not find checksums, so by a choice those of an entry point
 * and of the EFI system table at places of the second byte are made right, and their addresses are turned
 * into ours. */

#include "fuzz.h"

#include "crc32.h"
#include "smbios.h"
#include "string.h"
#include "word.h"

#define BIOS     0xf0000ull
#define EFI_HEAD 120u

enum { EFI = 1, TAG = 2, REPAIR_OLD = 4, REPAIR_NEW = 8, REPAIR_EFI = 16 };

struct memory {
    uint8_t *bytes;
    size_t size;
};

static bool memory_read(void *context, uint64_t at, void *to, size_t size)
{
    const struct memory *memory = context;

    if (at < BIOS || at - BIOS > memory->size || size > memory->size - (at - BIOS))
        return false;
    memcpy(to, memory->bytes + (at - BIOS), size);
    return true;
}

/* An address of the input as an offset into what there is. */
static void repair_address(const struct memory *memory, uint8_t *at, size_t width)
{
    uint64_t address = BIOS + (uint64_t)(at[0] | at[1] << 8) % memory->size;

    memcpy(at, &address, width);
}

static void repair_all(const struct memory *memory, uint8_t choices, size_t at)
{
    uint8_t *bytes = memory->bytes + at;
    uint32_t crc;

    if (choices & REPAIR_OLD && memory->size - at >= 0x1f) {
        memcpy(bytes, "_SM_", 4);
        bytes[5] = 0x1f;
        memcpy(bytes + 16, "_DMI_", 5);
        repair_address(memory, bytes + 24, 4);
        repair_sum(bytes + 16, 15, 5);
        repair_sum(bytes, 0x1f, 4);
    }
    if (choices & REPAIR_NEW && memory->size - at >= 0x18) {
        memcpy(bytes, "_SM3_", 5);
        bytes[6] = 0x18;
        repair_address(memory, bytes + 16, 8);
        repair_sum(bytes, 0x18, 5);
    }
    if (choices & REPAIR_EFI && memory->size >= EFI_HEAD) {
        memcpy(memory->bytes, "IBI SYST", 8);
        memcpy(memory->bytes + 12, &(uint32_t){EFI_HEAD}, 4);
        repair_address(memory, memory->bytes + 112, 8);
        memset(memory->bytes + 16, 0, 4);
        crc = crc32(0, memory->bytes, EFI_HEAD);
        memcpy(memory->bytes + 16, &crc, 4);
    }
}

static void text_holds(const char *text)
{
    char word[48];
    size_t length = 0;

    while (text[length] != '\0')
        length++;
    HOLDS(length < SMBIOS_TEXT);
    length = word_copy(word, sizeof(word), text);
    HOLDS(length > 0 && length < sizeof(word) && word[length] == '\0');
    for (size_t i = 0; i < length; i++)
        HOLDS(word[i] > ' ' && word[i] <= '~');
}

static void smbios_holds(const struct smbios *s)
{
    text_holds(s->bios_vendor);
    text_holds(s->bios_version);
    text_holds(s->bios_date);
    text_holds(s->system_maker);
    text_holds(s->system_product);
    text_holds(s->board_maker);
    text_holds(s->board_product);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct boot_info boot = {.loader = "fuzz"};
    struct smbios smbios;
    char err[ERR_SIZE];
    struct memory memory;
    struct phys_memory reader = {memory_read, &memory};

    if (size < 3)
        return 0;
    memory = (struct memory){malloc(size - 2), size - 2};
    HOLDS(memory.bytes);
    memcpy(memory.bytes, data + 2, memory.size);
    repair_all(&memory, data[0], (size_t)data[1] * 16 % memory.size);
    if (data[0] & EFI) {
        boot.efi = true;
        boot.efi_system_table = BIOS;
    }
    if (data[0] & TAG)
        boot.smbios = (struct smbios_copy){BIOS + data[1], (uint32_t)memory.size, 3, 0};
    switch (smbios_read(&reader, &boot, &smbios, err, sizeof(err))) {
    case SMBIOS_BAD:
        sentence_holds(err);
        smbios_holds(&smbios);
        break;
    case SMBIOS_OK:
        HOLDS(err[0] == '\0' && smbios.source);
        smbios_holds(&smbios);
        break;
    case SMBIOS_ABSENT:
        HOLDS(err[0] == '\0');
        break;
    }
    free(memory.bytes);
    return 0;
}
