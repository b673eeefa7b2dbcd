/* Source: Intel SDM volume 3, "Machine-Check Architecture", "Guidelines for Writing Machine-Check Software".
 */

#include "machine_check.h"

#include "cpu.h"
#include "exit.h"
#include "log.h"
#include "mce_kept.h"
#include "panic.h"
#include "probe.h"
#include "smp.h"
#include "smp_call.h"
#include "smp_idle.h"
#include "spin.h"
#include "testcase.h"
#include "time.h"

/* Survived, and not printed yet: the event may have come in the middle of a line. */
static struct mce_kept kept;
static unsigned survived; /* counted when its banks are kept */
static struct spin busy;  /* a processor is at it: servers tell a machine check to all of them at once */

static uint32_t bank_msr(uint32_t first, unsigned number)
{
    return first + X86_MSR_MC_STRIDE * number;
}

static struct mce_bank bank_read(unsigned number)
{
    struct mce_bank bank = {
        .number = number, .cpu = cpu_number(), .status = msr_read(bank_msr(X86_MSR_MC0_STATUS, number))};

    if (bank.status & X86_MCI_VAL && bank.status & X86_MCI_ADDRV)
        bank.address = msr_read(bank_msr(X86_MSR_MC0_ADDR, number));
    if (bank.status & X86_MCI_VAL && bank.status & X86_MCI_MISCV)
        bank.misc = msr_read(bank_msr(X86_MSR_MC0_MISC, number));
    return bank;
}

static void bank_print(const char *prefix, const struct mce_bank *bank)
{
    char text[256];

    mce_text(bank, percpu_of(bank->cpu)->mce.recovery, text, sizeof(text));
    log_line("%s %s", prefix, text);
}

/* Of this processor. Emulators need not have the registers that the flag promises: so they are probed. */
static void detect(struct mce_banks *banks)
{
    struct outcome cap = probe(PROBE_rdmsr, X86_MSR_MCG_CAP, 0);
    unsigned count = cap.value & X86_MCG_CAP_BANKS;

    if (!(cpuid(X86_CPUID_FEATURES, 0).edx & X86_CPUID_1_EDX_MCA) || cap.faults)
        return;
    banks->recovery = cap.value & X86_MCG_CAP_SER_P;
    while (banks->count < count && banks->count < MCE_BANKS_MAX) {
        struct outcome status = probe(PROBE_rdmsr, bank_msr(X86_MSR_MC0_STATUS, banks->count), 0);

        if (status.faults)
            return;
        banks->before[banks->count++] = status.value;
    }
}

/* `left` counts the banks that are valid. Whoever calls this on another processor does not have the log. */
static void print_before(void *left)
{
    struct mce_banks *banks = &this_cpu()->mce;

    detect(banks);
    for (unsigned i = 0; i < banks->count; i++) {
        struct mce_bank bank = bank_read(i);

        if (!(bank.status & X86_MCI_VAL))
            continue;
        ++*(unsigned *)left;
        bank_print("# @ mce before", &bank);
    }
}

void machine_check_print(void)
{
    const struct mce_banks *first = &percpu_of(0)->mce;
    unsigned left = 0;

    smp_wake();
    for (unsigned i = 0; i < smp_count(); i++)
        smp_call(i, print_before, &left);
    smp_park();
    log_line("# @ mce banks=%u recovery=%u left=%u", first->count, first->recovery, left);
}

/* Which banks say something since the boot, as bits, and whether that can be survived. Where none does,
 * another processor's error was told to all, and this one goes on if nothing here is associated with it. */
static uint32_t look(uint64_t status, bool *go_on)
{
    const struct mce_banks *banks = &this_cpu()->mce;
    uint32_t fresh = 0;

    *go_on = status & X86_MCG_STATUS_RIPV;
    for (unsigned i = 0; i < banks->count; i++) {
        struct mce_bank bank = bank_read(i);

        if (!mce_is_new(banks, &bank))
            continue;
        fresh |= 1u << i;
        *go_on = *go_on && mce_may_go_on(mce_classify(bank.status, banks->recovery));
    }
    *go_on = *go_on && (fresh || !(status & X86_MCG_STATUS_EIPV));
    return fresh;
}

static void for_each(uint32_t set, void (*function)(const struct mce_bank *bank))
{
    for (unsigned i = 0; i < MCE_BANKS_MAX; i++)
        if (set >> i & 1) {
            struct mce_bank bank = bank_read(i);

            function(&bank);
        }
}

/* And makes place for the next error. */
static void keep(const struct mce_bank *bank)
{
    mce_keep(&kept, bank);
    msr_write(bank_msr(X86_MSR_MC0_STATUS, bank->number), 0);
}

static void print_fatal(const struct mce_bank *bank)
{
    bank_print("# ! mce", bank);
}

static void print_during(const struct mce_bank *bank)
{
    bank_print("# @ mce during", bank);
}

/* Whoever has the log may wait for this processor's end in a machine check of its own: a server tells a fatal
 * one to all. No lock is waited for here. */
static _Noreturn void end_run(const struct trap_frame *frame, uint64_t status, uint32_t fresh)
{
    if (time_us())
        log_seize();
    log_line("# ! machine check, mcg_status=0x%lx ripv=%u eipv=%u", status,
             (status & X86_MCG_STATUS_RIPV) != 0, (status & X86_MCG_STATUS_EIPV) != 0);
    for_each(fresh, print_fatal);
    mce_tell(&kept, print_during);
    panic_frame(frame, "machine check");
    leave(VERDICT_ERROR);
}

bool machine_check_take(const struct trap_frame *frame)
{
    uint64_t status;
    uint32_t fresh;
    bool go_on;

    if (frame->vector != X86_VEC_MC || !this_cpu()->mce.count)
        return false;
    status = msr_read(X86_MSR_MCG_STATUS);
    if (!(status & X86_MCG_STATUS_MCIP))
        return false;
    while (!spin_try(&busy))
        spin_pause();
    fresh = look(status, &go_on);
    if (!go_on)
        end_run(frame, status, fresh);
    for_each(fresh, keep);
    msr_write(X86_MSR_MCG_STATUS, 0); /* with MCIP set the next one would shut the machine down */
    __atomic_fetch_add(&survived, 1, __ATOMIC_RELEASE);
    spin_release(&busy);
    return true;
}

void machine_check_settle(void)
{
    unsigned count;

    while ((count = __atomic_exchange_n(&survived, 0, __ATOMIC_ACQUIRE)) != 0) { /* more may come meanwhile */
        log_line("# @ mce survived=%u left_out=%u", count, mce_left_out(&kept));
        mce_tell(&kept, print_during);
        test_error("machine check");
    }
}
