/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Attempts that are handed on the disk and were never handed in truth: until their commit was known, night may have come, a validity
 * ended, a person said stop. Their frames do not leave; the messages go back and are asked for again, as everything that waits is. */
#ifndef CAUNOI_GATEWAY_WITHDRAWN_H
#define CAUNOI_GATEWAY_WITHDRAWN_H

#include "gateway/core.h"

/* Takes the submits out of the lists of a tick that is committed and whose frames have not left. E_NOMEM: nothing is taken. */
MUST_CHECK int withdrawn_take(struct core *core);
/* Each becomes not_sent and its message due again at once. */
MUST_CHECK int withdrawn_settle(struct tick *t);
void withdrawn_free(struct core *core);

#endif
