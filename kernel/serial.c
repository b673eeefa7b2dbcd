#include "serial.h"

#include "cpu.h"

static uint8_t port_read(const struct uart *uart, unsigned reg)
{
    return inb((uint16_t)(uart->at + reg));
}

static void port_write(const struct uart *uart, unsigned reg, uint8_t value)
{
    outb((uint16_t)(uart->at + reg), value);
}

struct uart serial_at_port(uint16_t port)
{
    return (struct uart){.read = port_read, .write = port_write, .at = port, .stride = 1};
}

static uint8_t memory_read(const struct uart *uart, unsigned reg)
{
    uintptr_t at = uart->at + reg * uart->stride;

    switch (uart->stride) {
    case 1:
        return *(volatile uint8_t *)at;
    case 2:
        return (uint8_t) * (volatile uint16_t *)at;
    default:
        return (uint8_t) * (volatile uint32_t *)at;
    }
}

static void memory_write(const struct uart *uart, unsigned reg, uint8_t value)
{
    uintptr_t at = uart->at + reg * uart->stride;

    switch (uart->stride) {
    case 1:
        *(volatile uint8_t *)at = value;
        break;
    case 2:
        *(volatile uint16_t *)at = value;
        break;
    default:
        *(volatile uint32_t *)at = value;
    }
}

struct uart serial_at_memory(volatile void *registers, unsigned width)
{
    return (struct uart){
        .read = memory_read, .write = memory_write, .at = (uintptr_t)registers, .stride = width};
}
