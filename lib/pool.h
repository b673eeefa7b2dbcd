#pragma once
/* Which of a machine's memory the kernel takes: pure arithmetic from what a boot loader says. */

#include "memmap.h"

/* The most memory the kernel takes for itself, however much there is, and the least that all tests can work
 * with. */
#define POOL_MAX (256ull << 20)
#define POOL_MIN (16ull << 20)

#define POOL_PIECE        (2ull << 20)   /* memory is taken in pieces that one entry maps */
#define POOL_SMALL_MAX    (32ull << 20)  /* the most in single pages, where there are not enough pieces */
#define POOL_PIECES_MIN   4u             /* whole pieces, whatever the rest looks like: tests map some */
#define POOL_LOW_END      0x100000ull    /* below it memory is firmware's, and where processors start */
#define POOL_FIRST_END    0x100000000ull /* what boot/start.asm maps */
#define POOL_IDENTITY_END (1ull << 45)   /* above it stand the test windows, under 4-level paging */
#define POOL_DISTANT_MAX  32u
#define POOL_GIGABYTE     (1ull << 30)
#define POOL_GIGABYTE_USE (4ull << 20) /* taken of one, beyond POOL_MAX: two runs of 2 MiB */

struct pool {
    struct memmap usable; /* all that could have been taken */
    struct memmap near;   /* the kernel's, to be mapped where it lies; below POOL_IDENTITY_END */
    /* One piece for each highest bit that an address beyond `near` has, lowest first: not mapped, for tests
     * that want to see physical addresses of every width. */
    struct mem_range distant[POOL_DISTANT_MAX];
    unsigned distant_count;
    /* The lowest gigabyte that is usable from end to end, of no length where there is none. `near` holds a
     * part of it. A page of that size there maps memory only: behaviour is undefined where one spans several
     * memory types (SDM volume 3, "Memory Cache Control", "Large Page Size Considerations"). */
    struct mem_range gigabyte;
};

/*
 * Chooses from the map what is usable and in nothing else of the map, nor in the modules, the framebuffer or
 * one of the `taken` ranges, nor below POOL_LOW_END, nor beyond the processor's physical addresses: lowest
 * first, up to POOL_MAX. Of what the first page tables reach it holds enough for the tables that map it.
 * False with a sentence in err where the map holds too little, or too many pieces.
 */
bool pool_choose(const struct boot_info *boot, const struct mem_range *taken, unsigned taken_count,
                 unsigned physical_bits, struct pool *out, char *err, size_t err_size);
