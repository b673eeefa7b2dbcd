/* Source: Intel SDM volume 3, "Machine-Check Architecture", "Guidelines for Writing Machine-Check Software".
 */

#include "machine_check.h"

#include "cpu.h"
#include "exit.h"
#include "log.h"
#include "mce.h"
#include "panic.h"
#include "probe.h"
#include "run.h"
#include "smp.h"
#include "smp_call.h"
#include "smp_idle.h"
#include "spin.h"
#include "testcase.h"
#include "time.h"

#define KEPT_MAX 16u

/* Survived, and not printed yet: the event may have come in the middle of a line. */
static struct mce_bank kept[KEPT_MAX];
static unsigned kept_count, survived;
static struct spin busy; /* a processor is at it: servers tell a machine check to all of them at once */

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

/* Keeps what has come into the banks since the boot, and says whether it can be survived. Where nothing has,
 * another processor's error was told to all, and this one goes on if nothing here is associated with it. */
static bool look(uint64_t status)
{
    const struct mce_banks *banks = &this_cpu()->mce;
    bool go_on = status & X86_MCG_STATUS_RIPV;
    bool any = false;

    for (unsigned i = 0; i < banks->count; i++) {
        struct mce_bank bank = bank_read(i);

        if (!mce_is_new(banks, &bank))
            continue;
        any = true;
        go_on = go_on && mce_may_go_on(mce_classify(bank.status, banks->recovery));
        if (kept_count < KEPT_MAX)
            kept[kept_count++] = bank;
    }
    return go_on && (any || !(status & X86_MCG_STATUS_EIPV));
}

static void print_kept(const char *prefix)
{
    for (unsigned i = 0; i < kept_count; i++)
        bank_print(prefix, &kept[i]);
    kept_count = 0;
}

/* Whoever has the log may wait for this processor's end in a machine check of its own: a server tells a fatal
 * one to all. No lock is waited for here. */
static _Noreturn void end_run(const struct trap_frame *frame, uint64_t status)
{
    if (time_us())
        log_seize();
    run_begin(NULL);
    log_line("# ! machine check, mcg_status=0x%lx ripv=%u eipv=%u", status,
             (status & X86_MCG_STATUS_RIPV) != 0, (status & X86_MCG_STATUS_EIPV) != 0);
    print_kept("# ! mce");
    panic_frame(frame, "machine check");
    leave(VERDICT_ERROR);
}

bool machine_check_take(const struct trap_frame *frame)
{
    uint64_t status;

    if (frame->vector != X86_VEC_MC || !this_cpu()->mce.count)
        return false;
    status = msr_read(X86_MSR_MCG_STATUS);
    if (!(status & X86_MCG_STATUS_MCIP))
        return false;
    while (!spin_try(&busy))
        spin_pause();
    if (!look(status))
        end_run(frame, status);
    /* Kept in full, so that the banks can take the next one; with MCIP set that would shut the machine down.
     */
    for (unsigned i = 0; i < kept_count; i++)
        msr_write(bank_msr(X86_MSR_MC0_STATUS, kept[i].number), 0);
    msr_write(X86_MSR_MCG_STATUS, 0);
    survived++;
    spin_release(&busy);
    return true;
}

void machine_check_settle(void)
{
    if (!survived)
        return;
    log_line("# @ mce survived=%u", survived);
    print_kept("# @ mce during");
    survived = 0;
    test_error("machine check");
}
