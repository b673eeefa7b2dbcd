#pragma once
/* The probes that need more registers than two operands: the list, and the registers. See kernel/probe.h. */

#include <stdint.h>

/* Each exists for operands of 1, 2, 4 and 8 bytes. */
#define SIZED_PROBES(X, name) X(name##1) X(name##2) X(name##4) X(name##8)

/*
 * kernel/probe_kinds.asm holds one instruction for each. The memory operand is at RDI, the register operand
 * is RSI, CMPXCHG compares with RAX; stack instructions use RSP and RAX; vector ones the register 0 of their
 * width; XSAVE and XRSTOR the components in EDX:EAX. CALL goes to the landing, and RET has to find its
 * address.
 */
#define REGISTER_PROBES(X)                                                                                   \
    SIZED_PROBES(X, load)                                                                                    \
    SIZED_PROBES(X, store)                                                                                   \
    SIZED_PROBES(X, rmw_add)                                                                                 \
    SIZED_PROBES(X, rmw_lock_add)                                                                            \
    SIZED_PROBES(X, rmw_xadd)                                                                                \
    SIZED_PROBES(X, rmw_lock_xadd)                                                                           \
    SIZED_PROBES(X, rmw_xchg)                                                                                \
    SIZED_PROBES(X, rmw_cmpxchg)                                                                             \
    SIZED_PROBES(X, rmw_lock_cmpxchg)                                                                        \
    X(rmw_lock_cmpxchg16b)                                                                                   \
    X(movdqu_load)                                                                                           \
    X(movdqu_store)                                                                                          \
    X(vmovdqu_load)                                                                                          \
    X(vmovdqu_store)                                                                                         \
    X(vmovdqu64_load)                                                                                        \
    X(vmovdqu64_store)                                                                                       \
    X(rep_movsb)                                                                                             \
    X(rep_movsq)                                                                                             \
    X(rep_stosb)                                                                                             \
    X(rep_stosq)                                                                                             \
    X(push_r)                                                                                                \
    X(push_m)                                                                                                \
    X(pushfq)                                                                                                \
    X(pop_r)                                                                                                 \
    X(pop_m)                                                                                                 \
    X(popfq)                                                                                                 \
    X(call_near)                                                                                             \
    X(call_m)                                                                                                \
    X(ret_near)                                                                                              \
    X(ret_imm)                                                                                               \
    X(enter)                                                                                                 \
    X(leave)                                                                                                 \
    X(fxsave)                                                                                                \
    X(fxrstor)                                                                                               \
    X(xsave)                                                                                                 \
    X(xrstor)                                                                                                \
    X(clflush)                                                                                               \
    X(clflushopt)                                                                                            \
    X(clwb)                                                                                                  \
    X(prefetcht0)                                                                                            \
    X(prefetcht1)                                                                                            \
    X(prefetcht2)                                                                                            \
    X(prefetchnta)                                                                                           \
    X(prefetchw)

/* As kernel/probe_kinds.asm pops it, first pop first. */
#define REGISTER_WORDS 17
struct registers {
    union {
        struct {
            uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax, rflags, rsp;
        };
        uint64_t word[REGISTER_WORDS];
    };
};
_Static_assert(sizeof(struct registers) == 17 * 8, "as popped");
