#include "crc32.h"

#define CRC32_POLYNOMIAL 0xedb88320u /* IEEE 802.3, bits reversed */

/* Bit by bit: a whole run checks a few kilobytes, for which a table would cost more than it saves. */
uint32_t crc32(uint32_t crc, const void *data, size_t size)
{
    const uint8_t *bytes = data;

    crc = ~crc;
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (unsigned bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? CRC32_POLYNOMIAL : 0);
    }
    return ~crc;
}
