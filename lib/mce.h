#pragma once
/* What a bank of machine-check registers says. Source: Intel SDM volume 3, "Machine-Check Architecture". */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A bank has four MSRs, the first one's begin at 400H, and from 480H on stand the capabilities of VMX. */
#define MCE_BANKS_MAX 32u

/* The banks of one processor: others may have fewer, or more. */
struct mce_banks {
    unsigned count;
    bool recovery;                  /* IA32_MCG_CAP.MCG_SER_P */
    uint64_t before[MCE_BANKS_MAX]; /* IA32_MCi_STATUS at boot */
};

struct mce_bank {
    unsigned number;
    unsigned cpu;     /* whose register that is; several may share one bank */
    uint64_t status;  /* IA32_MCi_STATUS */
    uint64_t address; /* IA32_MCi_ADDR and MISC; 0 where STATUS says that they hold nothing */
    uint64_t misc;
};

/* By what they ask of software, the harmless ones first. */
enum mce_kind {
    MCE_NONE,      /* the bank is not valid */
    MCE_CORRECTED, /* by the hardware */
    MCE_NO_ACTION, /* uncorrected, but nothing is corrupt that anybody uses (UCNA) */
    MCE_OPTIONAL,  /* uncorrected; software may mend it (SRAO) */
    MCE_REQUIRED,  /* software has to mend it before it goes on (SRAR); this kernel cannot */
    MCE_FATAL,     /* the processor's state may be corrupt, or nothing says that it is not */
};

/* Without `recovery` an uncorrected error says nothing about who may go on. */
enum mce_kind mce_classify(uint64_t status, bool recovery);

/* True if "Machine-Check Handler for Error Recovery" lets the interrupted code go on as far as this bank is
 * concerned; IA32_MCG_STATUS.RIPV has its own say. */
bool mce_may_go_on(enum mce_kind kind);

/* True if the bank says something that it did not say at boot. */
bool mce_is_new(const struct mce_banks *banks, const struct mce_bank *bank);

/* "bank=1 status=... kind=fatal code=cache mcacod=0x0135 model=0x0000 pcc=1 over=0 addr=0x... misc=0x...
 * cpu=2". */
size_t mce_text(const struct mce_bank *bank, bool recovery, char *buf, size_t size);
