/*
 * Sabotage for the runner: each of these tests ends a boot in another way that no kernel can report. It is
 * not part of the image; test_going_on.py builds a copy that has it, and looks whether the others are
 * finished.
 */
#include "console.h"
#include "test.h"

#define EXIT_PORT 0xf4

ONCE_TEST(going_a_first, "passes before anything has gone wrong")
{
    test_note("first");
}

ONCE_TEST(going_b_triple_fault, "an exception that cannot be delivered, in a test that does not say so")
{
    idtr_write((struct table_register){.limit = 0, .base = 0});
    __asm__ volatile("ud2");
}

ONCE_TEST(going_c_hang, "stops with interrupts off: no timer gets through")
{
    for (;;)
        __asm__ volatile("cli; hlt");
}

ONCE_TEST(going_d_flood, "prints without end")
{
    for (;;)
        console_write("# @ case key=3\r\n", 16);
}

ONCE_TEST(going_e_exit, "leaves the machine with the exit status of a pass, before END")
{
    __asm__ volatile("outl %0, %w1" : : "a"(8), "Nd"(EXIT_PORT));
}

ONCE_TEST(going_f_last, "passes after all that")
{
    test_note("last");
}
