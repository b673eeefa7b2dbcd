/* Endings that are right: the machine must die, and whoever watches it must see that. */
#include "test.h"

DEATH_TEST(death_triple_fault,
           "An exception that cannot be delivered, nor its double fault, shuts the processor down")
{
    idtr_write((struct table_register){.limit = 0, .base = 0});
    test_armed();
    __asm__ volatile("ud2");
}
