#pragma once
/* CRC-32 as zlib, Ethernet and PNG compute it. */

#include <stddef.h>
#include <stdint.h>

/* Continues crc (0 at the start) over size bytes; the result of the last call is the checksum. */
uint32_t crc32(uint32_t crc, const void *data, size_t size);
