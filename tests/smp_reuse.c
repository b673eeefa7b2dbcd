/*
 * A key changes its rights for everybody while threads on all processors are at everything that a thread can
 * be at: they run, sleep, wait for their turn, change other keys, enter and leave handlers, give up the
 * processor, stay in a handler, in nested ones, in one that sleeps. The key is freed and given to another
 * owner, abandoned, or allocated with another default. As soon as the call returns, the new rights are in
 * force in all of them, and in every frame that they will return to.
 *
 * What a thread is at when that happens is random; how often each of the cases is met is not measured.
 */
#include "scene.h"

static bool give_to_another(struct keyed *keyed)
{
    keyed_drop(keyed);
    return keyed_make(keyed, "behind", 0, LEVEL_4K) && keyed->key == SCENE_KEY;
}

SMP_TEST(smp_reuse_free,
         "A key that is freed and reused leaves no rights, whatever threads on all processors are at")
{
    static const struct change change = {"reuse",      PKS_READWRITE, PKS_NOACCESS,
                                         PKS_NOACCESS, PKS_NOACCESS,  give_to_another};

    SKIP_UNLESS(cpu.pks, "no pks");
    scene_play(&change);
}

static bool abandon(struct keyed *keyed)
{
    return pks_abandon(keyed->key) == PKS_OK;
}

SMP_TEST(smp_reuse_abandon,
         "A key that is abandoned is open on all processors, in threads, handlers and their frames")
{
    static const struct change change = {"abandoned",  PKS_NOACCESS,  PKS_READWRITE,
                                         PKS_NOACCESS, PKS_READWRITE, abandon};

    SKIP_UNLESS(cpu.pks, "no pks");
    scene_play(&change);
}

static bool allocate_readonly(struct keyed *keyed)
{
    int key = pks_key_alloc_default("read-only", PKS_READONLY);

    return key == SCENE_KEY && keyed_map(keyed, SCENE_KEY, 0, LEVEL_4K);
}

SMP_TEST(smp_reuse_default,
         "A key with another default has it on all processors, in threads, handlers and their frames")
{
    static const struct change change = {"read-only",  PKS_NOACCESS, PKS_READONLY,
                                         PKS_NOACCESS, PKS_READONLY, allocate_readonly};

    SKIP_UNLESS(cpu.pks, "no pks");
    scene_play(&change);
}
