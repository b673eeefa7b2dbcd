#include "extended.h"

#include "cpu.h"

static uint64_t xcr0_read(void)
{
    uint32_t low, high;

    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
}

static void xcr0_write(uint64_t value)
{
    __asm__ volatile("xsetbv" : : "c"(0), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
}

uint64_t extended_components(void)
{
    struct cpuid_regs leaf;

    if (!(cpuid(X86_CPUID_FEATURES, 0).ecx & X86_CPUID_1_ECX_XSAVE))
        return 0;
    leaf = cpuid(X86_CPUID_XSAVE, 0);
    return (uint64_t)leaf.edx << 32 | leaf.eax;
}

struct extended extended_on(uint64_t components)
{
    struct extended was = {.cr4 = cr4_read()};

    cr4_write(was.cr4 | X86_CR4_OSFXSR);
    if (components) {
        cr4_write(was.cr4 | X86_CR4_OSFXSR | X86_CR4_OSXSAVE);
        was.xcr0 = xcr0_read();
        xcr0_write(components);
    }
    return was;
}

void extended_off(struct extended was)
{
    static const uint8_t zero[64];

    if (cr4_read() & X86_CR4_OSXSAVE) {
        if ((xcr0_read() & X86_XCR0_AVX512) == X86_XCR0_AVX512)
            vector_set(zero, 64);
        else if ((xcr0_read() & X86_XCR0_AVX) == X86_XCR0_AVX)
            vector_set(zero, 32);
        xcr0_write(was.xcr0);
    }
    vector_set(zero, 16);
    cr4_write(was.cr4);
}

void vector_set(const void *from, unsigned bytes)
{
    if (bytes == 64)
        __asm__ volatile("vmovdqu64 (%0), %%zmm0" : : "r"(from) : "memory");
    else if (bytes == 32)
        __asm__ volatile("vmovdqu (%0), %%ymm0" : : "r"(from) : "memory");
    else
        __asm__ volatile("movdqu (%0), %%xmm0" : : "r"(from) : "memory");
}

void vector_get(void *to, unsigned bytes)
{
    if (bytes == 64)
        __asm__ volatile("vmovdqu64 %%zmm0, (%0)" : : "r"(to) : "memory");
    else if (bytes == 32)
        __asm__ volatile("vmovdqu %%ymm0, (%0)" : : "r"(to) : "memory");
    else
        __asm__ volatile("movdqu %%xmm0, (%0)" : : "r"(to) : "memory");
}
