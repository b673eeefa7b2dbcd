/* Banks that wait to be told: none is lost or told twice, whenever the next one comes. */

#include "host.h"

#include <pthread.h>
#include <string.h>

#include "mce_kept.h"

#define MANY 100000u

static struct mce_kept kept;
static uint64_t next;        /* address of the next bank to keep */
static uint64_t told;        /* how many */
static uint64_t last;        /* address of the last one that was told */
static unsigned meanwhile;   /* so many come while the next ones are told */
static bool disorder, other; /* a bank was not behind the last one; not what was kept */

static void start(void)
{
    memset(&kept, 0, sizeof(kept));
    next = 1;
    told = last = meanwhile = 0;
    disorder = other = false;
}

static void keep_next(void)
{
    struct mce_bank bank = {.number = (unsigned)next % 32, .cpu = 3, .status = ~next, .address = next};

    next++;
    mce_keep(&kept, &bank);
}

static void note(const struct mce_bank *bank)
{
    disorder |= bank->address <= last;
    other |= bank->status != ~bank->address || bank->number != bank->address % 32 || bank->cpu != 3;
    last = bank->address;
    told++;
    if (meanwhile) {
        meanwhile--;
        keep_next();
    }
}

static void in_order_and_once(void **state)
{
    (void)state;
    start();
    mce_tell(&kept, note);
    assert_int_equal(told, 0);
    for (unsigned i = 0; i < 3; i++)
        keep_next();
    mce_tell(&kept, note);
    assert_int_equal(told, 3);
    mce_tell(&kept, note);
    assert_int_equal(told, 3);
    assert_false(disorder || other);
}

static void what_finds_no_place_is_counted(void **state)
{
    (void)state;
    start();
    for (unsigned i = 0; i < MCE_KEPT_MAX + 5; i++)
        keep_next();
    mce_tell(&kept, note);
    assert_int_equal(told, MCE_KEPT_MAX);
    assert_int_equal(last, MCE_KEPT_MAX);
    assert_int_equal(mce_left_out(&kept), 5);
    assert_int_equal(mce_left_out(&kept), 0);
}

/* As a machine check does that interrupts the one who tells. */
static void what_comes_meanwhile_is_told(void **state)
{
    (void)state;
    start();
    keep_next();
    meanwhile = 4;
    mce_tell(&kept, note);
    assert_int_equal(told, 5);
    assert_int_equal(kept.count, 0);
    assert_false(disorder || other);
}

static void *keep_until(void *enough)
{
    while (!__atomic_load_n((bool *)enough, __ATOMIC_ACQUIRE))
        keep_next();
    return NULL;
}

/* As on another processor, for as long as it takes to tell that many. */
static void at_the_same_time(void **state)
{
    bool enough = false;
    uint64_t left_out = 0;
    pthread_t thread;

    (void)state;
    start();
    assert_int_equal(pthread_create(&thread, NULL, keep_until, &enough), 0);
    while (told < MANY) {
        mce_tell(&kept, note);
        left_out += mce_left_out(&kept);
    }
    __atomic_store_n(&enough, true, __ATOMIC_RELEASE);
    pthread_join(thread, NULL);
    mce_tell(&kept, note);
    left_out += mce_left_out(&kept);
    assert_false(disorder || other);
    assert_int_equal(told + left_out, next - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_order_and_once),
        cmocka_unit_test(what_finds_no_place_is_counted),
        cmocka_unit_test(what_comes_meanwhile_is_told),
        cmocka_unit_test(at_the_same_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
