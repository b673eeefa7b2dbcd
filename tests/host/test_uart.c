/* The UART driver against a 16550 made of a few lines, and against things that only look like one. */

#include "host.h"

#include "uart.h"

enum { THR, IER, FCR, LCR, MCR, LSR, MSR, SCR };

/* One UART and what came out of it. It takes bytes only while it is set up, and needs `slow` polls for each.
 */
static struct {
    uint8_t reg[UART_REGISTERS], dll, dlm, fifo;
    bool absent, no_scratch, no_loop, ram, dead;
    unsigned slow, left, reads;
    char sent[64];
    size_t count;
} chip;

static uint8_t chip_read(const struct uart *uart, unsigned reg)
{
    assert_true(uart->at == 0x1234 && reg < UART_REGISTERS);
    chip.reads++;
    if (chip.absent)
        return 0xff;
    if (chip.ram)
        return chip.reg[reg];
    switch (reg) {
    case LSR:
        if (chip.dead)
            return 0;
        if (chip.left > 0) {
            chip.left--;
            return 0;
        }
        return 0x60;
    case MSR:
        if (chip.no_loop || !(chip.reg[MCR] & 0x10))
            return 0;
        return (uint8_t)((chip.reg[MCR] & 2) << 3 | (chip.reg[MCR] & 1) << 5 | (chip.reg[MCR] & 0xc) << 4);
    case SCR:
        return chip.no_scratch ? 0 : chip.reg[SCR];
    default:
        return chip.reg[reg];
    }
}

static void chip_write(const struct uart *uart, unsigned reg, uint8_t value)
{
    assert_true(uart->at == 0x1234 && reg < UART_REGISTERS);
    if (reg == FCR && !chip.ram) {
        chip.fifo = value; /* the same place reads as another register */
    } else if (reg <= IER && chip.reg[LCR] & 0x80) {
        *(reg == THR ? &chip.dll : &chip.dlm) = value;
    } else if (reg == THR && !chip.ram && !chip.absent) {
        assert_int_equal(chip.left, 0); /* never while the last one is still in it */
        assert_int_equal(chip.reg[MCR] & 0x10, 0);
        assert_true(chip.count < sizeof(chip.sent));
        chip.sent[chip.count++] = (char)value;
        chip.left = chip.slow;
    } else {
        chip.reg[reg] = value;
    }
}

static struct uart fresh(void)
{
    memset(&chip, 0, sizeof(chip));
    chip.reg[MCR] = 0x0b;
    chip.reg[SCR] = 0x77;
    chip.dll = 3;
    return (struct uart){.read = chip_read, .write = chip_write, .at = 0x1234, .stride = 1};
}

static void probe_finds_a_16550_and_leaves_it_as_it_was(void **state)
{
    struct uart uart = fresh();

    (void)state;
    assert_true(uart_probe(&uart));
    assert_false(uart_absent(&uart));
    assert_int_equal(chip.reg[MCR], 0x0b);
    assert_int_equal(chip.reg[SCR], 0x77);
    assert_int_equal(chip.count, 0);
}

static void probe_refuses_everything_else(void **state)
{
    struct uart uart = fresh();

    (void)state;
    chip.absent = true;
    assert_false(uart_probe(&uart));
    assert_true(uart_absent(&uart));
    assert_true(chip.reg[SCR] == 0x77 && chip.reg[MCR] == 0x0b); /* nothing was written */
    uart = fresh();
    chip.no_scratch = true;
    assert_false(uart_probe(&uart));
    uart = fresh();
    chip.no_loop = true;
    assert_false(uart_probe(&uart));
    assert_int_equal(chip.reg[MCR], 0x0b);
    uart = fresh();
    chip.ram = true;
    assert_false(uart_probe(&uart));
    assert_true(chip.reads < 32);
}

static void setup_sets_speed_and_format(void **state)
{
    struct uart uart = fresh();

    (void)state;
    uart_setup(&uart, 0x1234);
    assert_true(chip.dll == 0x34 && chip.dlm == 0x12 && chip.reg[LCR] == 3 && chip.reg[IER] == 0);
    assert_true(chip.fifo == 7 && chip.reg[MCR] == 3);
    uart = fresh();
    uart_setup(&uart, 0);
    assert_true(chip.dll == 3 && chip.dlm == 0 && chip.reg[LCR] == 3);
}

static void divisors(void **state)
{
    static const struct {
        uint32_t clock, baud, divisor;
    } rows[] = {
        {0, 115200, 1},
        {0, 9600, 12},
        {0, 0, 0},
        {0, 230400, 0},
        {0, 100000, 0},
        {0, 1, 0},
        {0, 2, 57600},
        {1843200, 57600, 2},
        {48000000, 115200, 26},
        {48000000, 1500000, 2},
        {48000000, 9600, 313},
        {24000000, 115200, 13},
        {15, 115200, 0},
        {4294967295u, 9600, 27962},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(uart_divisor(rows[i].clock, rows[i].baud), rows[i].divisor);
}

static void bytes_come_out_in_order(void **state)
{
    struct uart uart = fresh();

    (void)state;
    uart_setup(&uart, 1);
    chip.slow = 1000;
    uart_send(&uart, "hello\r\n", 7);
    assert_int_equal(chip.count, 7);
    assert_memory_equal(chip.sent, "hello\r\n", 7);
    assert_int_equal(chip.left, 1000);
    uart_drain(&uart);
    assert_int_equal(chip.left, 0);
}

static void one_that_was_never_ready_is_given_up_at_once(void **state)
{
    struct uart uart = fresh();

    (void)state;
    uart_setup(&uart, 1);
    chip.dead = true;
    uart_send(&uart, "hello", 5);
    assert_true(uart.given_up);
    assert_in_range(chip.reads, 20000, 50000); /* 20 to 50 ms at 1 us each */
    uart_send(&uart, "hello", 5);
    uart_drain(&uart);
    assert_true(chip.reads < 50000 && chip.count == 0);
}

static void one_that_pauses_is_waited_for(void **state)
{
    struct uart uart = fresh();

    (void)state;
    uart_setup(&uart, 1);
    uart_send(&uart, "a", 1);
    for (unsigned i = 0; i < 9; i++) {
        chip.dead = true;
        uart_send(&uart, "lost", 4);
        assert_false(uart.given_up);
    }
    chip.dead = false;
    uart_send(&uart, "b", 1);
    chip.dead = true;
    for (unsigned i = 0; i < 10; i++)
        uart_send(&uart, "lost", 4);
    assert_true(uart.given_up);
    assert_in_range(chip.reads, 3000000, 5000000);
    assert_int_equal(chip.count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probe_finds_a_16550_and_leaves_it_as_it_was),
        cmocka_unit_test(probe_refuses_everything_else),
        cmocka_unit_test(setup_sets_speed_and_format),
        cmocka_unit_test(divisors),
        cmocka_unit_test(bytes_come_out_in_order),
        cmocka_unit_test(one_that_was_never_ready_is_given_up_at_once),
        cmocka_unit_test(one_that_pauses_is_waited_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
