/*
 * Every exception that an instruction raises without any preparation of the machine, by that instruction
 * (SDM volume 3, "Exception and Interrupt Reference": cause, class, error code, saved instruction pointer).
 * What event_check() compares is in event.h.
 */
#include "event_test.h"

EVENT_LABELS(de);
EVENT_LABELS(nop);
EVENT_LABELS(icebp);
EVENT_LABELS(bp);
EVENT_LABELS(of);
EVENT_LABELS(br);
EVENT_LABELS(ud);
EVENT_LABELS(np);
EVENT_LABELS(ss0);
EVENT_LABELS(ss3);
EVENT_LABELS(ss_address);
EVENT_LABELS(gp_address);
EVENT_LABELS(gp_cli);
EVENT_LABELS(gp_int);
EVENT_LABELS(pf_absent);
EVENT_LABELS(pf_key);
EVENT_LABELS(mc);

EVENT_TEST(de, "#DE by a division by zero", EVENT_PLACE(de), .vector = X86_VEC_DE, .modes = EVENT_64)
EVENT_TEST(db_step, "#DB by EFLAGS.TF", EVENT_PLACE(nop), .vector = X86_VEC_DB, .modes = EVENT_64,
           .flags = X86_EFLAGS_TF, .trap = true)
EVENT_TEST(db_int1, "#DB by INT1", EVENT_PLACE(icebp), .vector = X86_VEC_DB, .modes = EVENT_64, .trap = true)
EVENT_TEST(bp, "#BP by INT3", EVENT_PLACE(bp), .vector = X86_VEC_BP, .modes = EVENT_64, .trap = true)
EVENT_TEST(of, "#OF by INTO in a compatibility-mode segment", EVENT_PLACE(of), .vector = X86_VEC_OF,
           .modes = EVENT_32, .flags = X86_EFLAGS_OF, .trap = true)
EVENT_TEST(br, "#BR by BOUND in a compatibility-mode segment", EVENT_PLACE(br), .vector = X86_VEC_BR,
           .modes = EVENT_32)
EVENT_TEST(ud, "#UD by UD2", EVENT_PLACE(ud), .vector = X86_VEC_UD, .modes = EVENT_64)
EVENT_TEST(np, "#NP by a load of FS whose descriptor is not present", EVENT_PLACE(np), .vector = X86_VEC_NP,
           .modes = EVENT_64, .code = X86_EVENT_LDT_DATA | X86_SEG_TI_LDT)
EVENT_TEST(ss_absent_cpl0, "#SS by a load of SS whose descriptor is not present, at CPL 0", EVENT_PLACE(ss0),
           .vector = X86_VEC_SS, .modes = EVENT_CPL0, .code = X86_EVENT_LDT_STACK0 | X86_SEG_TI_LDT)
EVENT_TEST(ss_absent_cpl3, "#SS by a load of SS whose descriptor is not present, at CPL 3", EVENT_PLACE(ss3),
           .vector = X86_VEC_SS, .modes = EVENT_CPL3, .code = X86_EVENT_LDT_STACK3 | X86_SEG_TI_LDT)
EVENT_TEST(ss_address, "#SS by an address through RBP that is not canonical", EVENT_PLACE(ss_address),
           .vector = X86_VEC_SS, .modes = EVENT_64)
EVENT_TEST(gp_address, "#GP by an address that is not canonical", EVENT_PLACE(gp_address),
           .vector = X86_VEC_GP, .modes = EVENT_64)
EVENT_TEST(gp_cli, "#GP by CLI at CPL 3", EVENT_PLACE(gp_cli), .vector = X86_VEC_GP, .modes = EVENT_CPL3)
EVENT_TEST(gp_int, "#GP by an INT n that CPL 3 may not use", EVENT_PLACE(gp_int), .vector = X86_VEC_GP,
           .modes = EVENT_CPL3, .code = X86_VEC_EVENT_CLOSED * 8 + 2)
EVENT_TEST(pf_absent, "#PF by a page that is not present", EVENT_PLACE(pf_absent), .vector = X86_VEC_PF,
           .modes = EVENT_64, .code_user = X86_PF_U)
EVENT_TEST(pf_key, "#PF by a key that is closed while others are open", EVENT_PLACE(pf_key),
           .vector = X86_VEC_PF, .modes = EVENT_CPL0, .code = X86_PF_P | X86_PF_PK, .denied = true)
EVENT_TEST(mc, "#MC, as far as INT 18 is one", EVENT_PLACE(mc), .vector = X86_VEC_MC, .modes = EVENT_64,
           .trap = true)
