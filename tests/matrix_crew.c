/*
 * The processors that work on a matrix. The first one maps and unmaps everybody's pages, alone, so that the
 * frames come in the same order each time. Cases that need the kernel's pages on another key than 0 wait
 * until all the rest is done, because those pages, and the default rights, belong to all processors; while
 * they move the others are parked, which is what parking is for: kernel/smp_idle.h.
 */
#include "fastprobe.h"
#include "frames.h"
#include "kmap.h"
#include "matrix_worker.h"
#include "smp.h"
#include "smp_idle.h"
#include "string.h"
#include "together.h"

#define WORKER_SIZE 8192u
_Static_assert(sizeof(struct matrix_worker) <= WORKER_SIZE, "a power of two, so that frames come aligned");
_Static_assert((2u << 20) / X86_PAGE_SIZE >= MATRIX_CREW_MAX, "their pages share a run of 2 MiB");

static struct matrix_worker first;
static struct matrix_worker *workers[MATRIX_CREW_MAX] = {&first};
static unsigned kernel_key;

unsigned matrix_crew_size(void)
{
    return smp_count() < MATRIX_CREW_MAX ? smp_count() : MATRIX_CREW_MAX;
}

static struct matrix_worker *worker(unsigned number)
{
    uint64_t run;

    if (!workers[number] && (run = frame_run_alloc(WORKER_SIZE)) != 0)
        workers[number] = memset(frame_pointer(run), 0, WORKER_SIZE);
    return workers[number];
}

static bool open(unsigned number, unsigned leaf_level)
{
    struct matrix_worker *w = worker(number);

    if (w && matrix_pages_map(w, number, leaf_level))
        return true;
    test_error("matrix: no memory for the pages that processor %u tests", number);
    return false;
}

struct matrix_worker *matrix_open(unsigned leaf_level)
{
    if (!open(0, leaf_level))
        return NULL;
    matrix_start_work(&first);
    fast_begin();
    return &first;
}

void matrix_close(struct matrix_worker *w)
{
    fast_end();
    if (pks_present)
        kernel_set_key(0);
    matrix_stop_work(w);
    matrix_pages_unmap(w, 0);
}

static void work(unsigned number, void *alone)
{
    struct matrix_worker *w = workers[number];

    if (!alone)
        together_barrier(); /* a slice is short: whoever starts late would meet nobody */
    matrix_start_work(w);
    matrix_slice_work(w, kernel_key);
    matrix_stop_work(w);
}

/* Of a worker that broke. */
static void put_back(unsigned number, void *unused)
{
    (void)unused;
    if (workers[number]->at_work)
        matrix_stop_work(workers[number]);
}

/* One part of the slices, on all processors at once. */
static bool phase(unsigned count, unsigned key)
{
    bool sound;
    unsigned number;
    const char *left;

    kernel_key = key;
    kernel_set_key(key);
    if (count == 1) {
        work(0, &first);
        return true;
    }
    smp_wake();
    sound = together(count, work, NULL) || !together(count, put_back, NULL);
    smp_park();
    left = smp_left(&number);
    if (left)
        test_error("matrix: state %s of processor %u", left, number);
    return sound;
}

bool matrix_crew_run(struct matrix_slice *const *slices, unsigned count, struct matrix_tally *sum)
{
    bool awake = smp_active() > 1;
    bool sound = true;
    unsigned opened;

    memset(sum, 0, sizeof(*sum));
    if (awake)
        smp_park();
    for (opened = 0; opened < count && sound; opened++) {
        sound = open(opened, LEVEL_4K + slices[opened]->base.v[PKS_AXIS_leaf]);
        if (workers[opened]) {
            workers[opened]->slice = slices[opened];
            memset(&workers[opened]->tally, 0, sizeof(workers[opened]->tally));
        }
    }
    fast_begin();
    for (unsigned key = 0; key < 2 && sound; key++)
        sound = phase(count, key);
    kernel_set_key(0);
    fast_end();
    for (unsigned i = 0; i < opened && workers[i]; i++) {
        matrix_pages_unmap(workers[i], i);
        sum->cases += workers[i]->tally.cases;
        for (unsigned why = 0; why < PKS_LEGALITIES; why++)
            sum->skipped[why] += workers[i]->tally.skipped[why];
    }
    if (awake)
        smp_wake();
    return sound;
}
