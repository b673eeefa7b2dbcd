#pragma once
/* An NMI that arrives at an instruction of one's choice. */

#include <stdbool.h>

/*
 * For a handler: when this returns an NMI waits, blocked. It arrives at the instruction that the handler's
 * IRET goes back to, before that one is executed. False where no NMI can be sent.
 */
bool event_nmi_at_return(void);
