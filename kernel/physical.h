#pragma once
/* Reading memory that is neither the kernel's nor mapped: firmware's tables. */

#include "boot_info.h"

/*
 * Copies physical memory; false outside what the memory map lists and the first MiB, because a read of a
 * device's registers may do something, and one of nothing at all may be a machine check. `map` is the struct
 * boot_info. Needs a space of the kernel (kernel/kmap.h). Context: boot, one processor.
 */
bool physical_read(void *map, uint64_t at, void *to, size_t size);

/*
 * Calls use(registers, context) with one page of a device's registers mapped, uncached, for as long as that
 * takes. False, without a call, where the map lists usable memory there and beyond the processor's addresses.
 * The same context.
 */
bool physical_use(const struct boot_info *map, uint64_t page,
                  void (*use)(volatile uint32_t *registers, void *context), void *context);
