/*
 * Every instruction of the way in and out by SYSCALL and SYSRET, which push nothing and switch no stack: at
 * some of them CPL is 0 and RSP still, or again, the program's.
 */
#include "desc.h"
#include "escape.h"
#include "event_sweep.h"
#include "user.h"

#define SYSRET_SIZE 3

extern const char trap_syscall[], trap_sysret[];                        /* kernel/trap.asm */
void user_iret(uint64_t rip, uint64_t rsp, uint64_t rdi, uint64_t rsi); /* kernel/user.asm */

/* SYSCALL; INT X86_VEC_USER_RETURN */
static const uint8_t program[]
    __attribute__((aligned(X86_PAGE_SIZE))) = {0x0f, 0x05, 0xcd, X86_VEC_USER_RETURN};

static struct {
    unsigned key;
    enum pks_rights before;
    unsigned calls;
} c;

static void prepare(void)
{
    c.calls = 0;
    REQUIRE(pks_mk(c.key, c.before) == PKS_OK);
}

static void check(const char *about)
{
    expect_equal(pkrs_read_checked(about), pkr_set(PKRS_DEFAULT, c.key, c.before), "%s: PKRS behind it",
                 about);
    expect_equal(c.calls, 1, "%s: SYSCALLs", about);
}

static bool take_syscall(struct trap_frame *frame)
{
    (void)frame;
    c.calls++;
    return true;
}

static bool end_program(struct trap_frame *frame)
{
    return escape_from(frame, &escape_user);
}

static void start(void *unused)
{
    uint64_t page = window_address(WINDOW_LOW, 0);

    (void)unused;
    user_iret(page, page + X86_PAGE_SIZE, 0, 0);
}

static void run(void *unused)
{
    (void)unused;
    escape_call(&escape_user, start, NULL);
}

static void sweep(const char *name, enum pks_rights before)
{
    struct sweep_way way = {
        .name = name, .prepare = prepare, .run = run, .check = check, .entry = {trap_syscall}};

    c.before = before;
    way.value[0].pkrs = pkr_set(PKRS_DEFAULT, c.key, before);
    if (before != PKS_NOACCESS) {
        way.value[1].pkrs = PKRS_DEFAULT;
        way.value[2] = way.value[0];
    }
    sweep_way(&way);
}

TEST(event_sweep_syscall, "An event at every instruction of the entry by SYSCALL and the exit by SYSRET")
{
    static const struct sweep_path path = {.name = "syscall",
                                           .code = {SWEEP_ASM(trap_syscall, trap_sysret + SYSRET_SIZE)}};
    struct entry page = {.address = (uintptr_t)program, .user = true};
    int key;

    if (!sweep_begin(&path))
        return;
    REQUIRE(page_map(space_current(), window_address(WINDOW_LOW, 0), LEVEL_4K, page) == MAP_OK);
    key = pks_key_alloc("swept");
    REQUIRE(key > 0);
    c.key = (unsigned)key;
    user_set_syscall(true);
    idt_set_user(X86_VEC_USER_RETURN, true);
    trap_set_handler(X86_VEC_SYSCALL, take_syscall);
    trap_set_handler(X86_VEC_USER_RETURN, end_program);
    sweep("open", PKS_READWRITE);
    sweep("closed", PKS_NOACCESS);
    trap_set_handler(X86_VEC_USER_RETURN, NULL);
    trap_set_handler(X86_VEC_SYSCALL, NULL);
    idt_set_user(X86_VEC_USER_RETURN, false);
    user_set_syscall(false);
    desc_reload_segments(); /* IRET to CPL 3 has made DS and ES null */
    REQUIRE(pks_mk_noaccess(c.key) == PKS_OK && pks_key_free(c.key) == PKS_OK);
    sweep_end();
}
