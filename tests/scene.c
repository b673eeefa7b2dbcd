#include "scene.h"

#include "rng.h"
#include "smp.h"
#include "smp_call.h"
#include "spin.h"
#include "string.h"
#include "thread.h"

#define ROUNDS     3u
#define CPUS       4u
#define THREADS    3u /* on each */
#define OTHER_KEYS 2u
#define MOMENTS    256u
#define DEPTH      3u /* of nested handlers */

static struct {
    const struct change *change;
    struct keyed keyed;
    unsigned other[OTHER_KEYS];
    unsigned actors, ready;
    bool changing, changed; /* the call has begun; it has returned */
} scene;

enum part {
    CHANGER,
    YIELDS,
    SLEEPS,
    HANDLER_YIELDS,
    COOPERATIVE,
    RUNS = COOPERATIVE,
    SETS,
    TRAPS,
    NESTED,
    PARTS
};

struct actor {
    struct thread *thread;
    unsigned number; /* of its processor */
    enum part part;
    uint64_t random;
    int token;      /* of the rights that it takes */
    unsigned depth; /* handlers in which it stays */
};

static bool changed(void)
{
    return __atomic_load_n(&scene.changed, __ATOMIC_ACQUIRE);
}

/* Rights for the key in a register or a frame. */
static void judge(uint32_t pkrs, bool was_changed, bool own, const struct actor *a, const char *about)
{
    const struct change *c = scene.change;
    enum pks_rights before = own ? c->before : c->default_before;
    enum pks_rights after = own ? c->after : c->default_after;
    uint32_t have = pkr_get(pkrs, SCENE_KEY);

    if (have == (was_changed ? after : before))
        return;
    if (was_changed || have != after || !__atomic_load_n(&scene.changing, __ATOMIC_ACQUIRE))
        test_fail("%s: %s on processor %u, part %u, has rights %u, %s", c->name, about, a->number, a->part,
                  have, was_changed ? "behind the change" : "before it");
}

/* The register and its copy; `own`: of code that has taken the rights it wants. */
static void look(const struct actor *a, bool own, const char *about)
{
    bool was_changed = changed();
    uint64_t flags = irq_save();
    uint32_t pkrs = pkrs_read_checked(about);

    irq_restore(flags);
    judge(pkrs, was_changed, own, a, about);
}

static void judge_frame(const struct trap_frame *frame, const struct actor *a, const char *about)
{
    bool was_changed = changed();

    judge((uint32_t)frame->pkrs, was_changed, true, a, about);
}

/* For a thread, while the key is its own; then for a handler, for which that may have ended. */
static void take_rights(struct actor *a)
{
    if (scene.change->before == scene.change->default_before)
        return;
    pks_mk(SCENE_KEY, scene.change->before);
    a->token = pks_mk_swap(SCENE_KEY, scene.change->before);
}

static void take_rights_again(const struct actor *a)
{
    if (scene.change->before != scene.change->default_before)
        pks_mk_restore(SCENE_KEY, a->token);
}

static void set_another(struct actor *a)
{
    static const enum pks_rights rights[] = {PKS_NOACCESS, PKS_READONLY, PKS_READWRITE};
    uint64_t random = rng_next(&a->random);
    unsigned key = scene.other[random % OTHER_KEYS];

    pks_mk_restore(key, pks_mk_swap(key, rights[(random >> 16) % 3]));
    pks_mk(key, rights[(random >> 24) % 3]);
}

static void stay(struct actor *a)
{
    a->depth++;
    take_rights_again(a);
    if (a->part == NESTED && a->depth < DEPTH) {
        __asm__ volatile("int3");
    } else {
        while (!changed()) {
            if (a->part == HANDLER_YIELDS)
                thread_yield();
            smp_answer(); /* interrupts are off, in whomever it has yielded to as well */
            spin_pause();
        }
    }
    look(a, true, "a handler that stayed");
    a->depth--;
}

static bool take_breakpoint(struct trap_frame *frame)
{
    struct actor *a = thread_current->argument;

    judge_frame(frame, a, "a frame");
    look(a, false, "a handler");
    if (a->part == NESTED || a->part == HANDLER_YIELDS)
        stay(a);
    else
        set_another(a);
    judge_frame(frame, a, "a frame that is returned to");
    return true;
}

static void change_it(struct actor *a)
{
    for (uint64_t i = rng_next(&a->random) % MOMENTS; i; i--)
        if (i % 64 == 0)
            thread_yield();
        else
            spin_pause();
    __atomic_store_n(&scene.changing, true, __ATOMIC_RELEASE);
    if (!scene.change->change(&scene.keyed))
        test_error("the key has not been changed");
    __atomic_store_n(&scene.changed, true, __ATOMIC_RELEASE);
}

static void play(struct actor *a)
{
    if (a->part == CHANGER)
        change_it(a);
    else if (a->part == YIELDS)
        thread_yield();
    else if (a->part == SLEEPS)
        thread_sleep(20);
    else if (a->part == SETS)
        set_another(a);
    else if (a->part == RUNS)
        spin_pause();
    else /* in a handler */
        __asm__ volatile("int3");
}

/* Others read and write the page too: what stands there is not compared. */
static void use_page(const struct actor *a)
{
    enum pks_rights after = scene.change->after;

    for (unsigned write = 0; write < 2; write++) {
        enum probe_kind kind = write ? PROBE_write8 : PROBE_read8;
        bool denied = after == PKS_NOACCESS || (write && after == PKS_READONLY);
        struct outcome o = probe(kind, scene.keyed.va, 0);

        expect_outcome(&o, kind,
                       !denied ? FAULT_NONE
                       : write ? FAULT_KEY_WRITE
                               : FAULT_KEY_READ,
                       scene.keyed.va, "on processor %u, part %u, %s", a->number, a->part,
                       scene.change->name);
    }
}

static void act(void *actor)
{
    struct actor *a = actor;

    take_rights(a);
    __atomic_fetch_add(&scene.ready, 1, __ATOMIC_ACQ_REL);
    while (__atomic_load_n(&scene.ready, __ATOMIC_ACQUIRE) < scene.actors)
        thread_yield();
    do {
        look(a, true, "a thread");
        play(a);
    } while (!changed());
    look(a, true, "a thread");
    use_page(a);
}

/* On the processor of the one who makes the change nobody keeps the processor for himself. */
static enum part any_part(uint64_t random, bool cooperative)
{
    return (enum part)(YIELDS + random % ((cooperative ? COOPERATIVE : PARTS) - YIELDS));
}

static void run_actors(unsigned round)
{
    static struct actor actors[CPUS * THREADS];
    unsigned count = smp_count() < CPUS ? smp_count() : CPUS;
    uint64_t random = test_seed() + round;
    unsigned changer = (unsigned)(rng_next(&random) % count) * THREADS;

    scene.actors = count * THREADS;
    for (unsigned i = 0; i < scene.actors; i++) {
        actors[i] = (struct actor){.number = i / THREADS, .random = rng_next(&random)};
        actors[i].part =
            i == changer ? CHANGER : any_part(rng_next(&random), i / THREADS == changer / THREADS);
        actors[i].thread = thread_create_on("actor", act, &actors[i], actors[i].number, true);
        REQUIRE(actors[i].thread);
    }
    for (unsigned i = 0; i < scene.actors; i++)
        REQUIRE(thread_join(actors[i].thread, NULL) == THREAD_RETURNED);
}

void scene_play(const struct change *change)
{
    trap_set_handler(X86_VEC_BP, take_breakpoint);
    for (unsigned round = 0; round < test_effort(ROUNDS) && test_verdict() == VERDICT_PASS; round++) {
        memset(&scene, 0, sizeof(scene));
        scene.change = change;
        REQUIRE(keyed_make(&scene.keyed, "before", 0, LEVEL_4K) && scene.keyed.key == SCENE_KEY);
        for (unsigned i = 0; i < OTHER_KEYS; i++)
            scene.other[i] = (unsigned)pks_key_alloc("other");
        if (change->default_after == PKS_READONLY)
            keyed_drop(&scene.keyed);
        run_actors(round);
        for (unsigned i = 0; i < OTHER_KEYS; i++)
            REQUIRE(pks_key_free(scene.other[i]) == PKS_OK);
        keyed_drop(&scene.keyed);
        test_alive();
    }
    trap_set_handler(X86_VEC_BP, NULL);
}
