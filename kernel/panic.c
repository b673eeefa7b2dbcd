#include "panic.h"

#include "cpu.h"
#include "exit.h"
#include "format.h"
#include "log.h"
#include "pks/internal.h"
#include "probe.h"
#include "report.h"
#include "run.h"
#include "spin.h"
#include "thread.h"

#define PREFIX        "# !"
#define CODE_BYTES    16u
#define BACKTRACE_MAX 16u

static void report_registers(const struct trap_frame *f)
{
    log_line(PREFIX " rax=%016lx rbx=%016lx rcx=%016lx rdx=%016lx", f->rax, f->rbx, f->rcx, f->rdx);
    log_line(PREFIX " rsi=%016lx rdi=%016lx rbp=%016lx rsp=%016lx", f->rsi, f->rdi, f->rbp, f->rsp);
    log_line(PREFIX " r8 =%016lx r9 =%016lx r10=%016lx r11=%016lx", f->r8, f->r9, f->r10, f->r11);
    log_line(PREFIX " r12=%016lx r13=%016lx r14=%016lx r15=%016lx", f->r12, f->r13, f->r14, f->r15);
    log_line(PREFIX " cs=%04lx ss=%04lx rflags=%08lx cr2=%016lx", f->cs, f->ss, f->rflags, f->cr2);
    log_line(PREFIX " cr0=%08lx cr3=%016lx cr4=%08lx efer=%04lx", cr0_read(), cr3_read(), cr4_read(),
             msr_read(X86_MSR_EFER));
}

static void report_code(uint64_t rip)
{
    char text[3 * CODE_BYTES + 1] = "";

    for (unsigned i = 0; i < CODE_BYTES; i++) {
        struct outcome o = probe(PROBE_read1, rip + i, 0);

        if (o.faults)
            break;
        format(text + 3 * i, sizeof(text) - 3 * i, " %02x", (unsigned)o.value);
    }
    log_line(PREFIX " code at rip:%s", text[0] ? text : " cannot be read");
}

static void report_backtrace(const struct trap_frame *f)
{
    uint64_t rip = f->rip;
    uint64_t rbp = f->rbp;

    for (unsigned depth = 0; depth < BACKTRACE_MAX; depth++) {
        struct outcome link, caller;

        log_line(PREFIX " #%u %016lx %s", depth, rip, report_place(rip).s);
        if (!rbp)
            return;
        link = probe(PROBE_read8, rbp, 0);
        caller = probe(PROBE_read8, rbp + sizeof(uint64_t), 0);
        if (link.faults || caller.faults || !caller.value)
            return;
        rbp = link.value > rbp ? link.value : 0; /* the stack grows down: anything else is not a chain */
        rip = caller.value;
    }
}

void panic_frame(const struct trap_frame *f, const char *why)
{
    struct pks_fault fault;

    log_line(PREFIX " processor %u, thread %s, handlers nested %u deep%s%s", cpu_number(), thread_of(f)->name,
             thread_depth() - 1, why ? ": " : "", why ? why : "");
    report_registers(f);
    if (pks_present)
        report_rights(PREFIX, "pkrs", (uint32_t)f->pkrs);
    if (pks_fault_describe(f, &fault))
        pks_fault_report(PREFIX " pks", &fault);
    if (f->vector == X86_VEC_PF)
        report_walk(PREFIX, f->cr2);
    report_code(f->rip);
    report_backtrace(f);
}

void panic_report(const struct trap_frame *f, const char *why)
{
    static struct spin reporting; /* one block of words at a time */
    uint64_t flags;

    run_begin(NULL);
    if (spin_held(&reporting)) {
        log_line(PREFIX " %s at %s while reporting an exception", fault_text(trap_fault(f)).s,
                 report_place(f->rip).s);
        leave(VERDICT_ERROR);
    }
    flags = spin_lock(&reporting);
    log_line(PREFIX " unplanned exception %s at 0x%lx %s, cpl %lu", fault_text(trap_fault(f)).s, f->rip,
             report_place(f->rip).s, f->cs & X86_SEG_RPL_USER);
    panic_frame(f, why);
    spin_unlock(&reporting, flags);
}
