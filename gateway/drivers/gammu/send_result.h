/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a send ended, said to the core: the guard's view of the wire and the table of modem errors make outcome, fault and
 * words. Called once for each attempt. */
#ifndef CAUNOI_DRIVERS_GAMMU_SEND_RESULT_H
#define CAUNOI_DRIVERS_GAMMU_SEND_RESULT_H

#include "gateway/drivers/driver.h"
#include "gateway/drivers/gammu/line_guard.h"

/* One that did not get near the modem, or whose outcome is known otherwise; code and detail may be NULL. */
void send_result_say(struct driver *d, const char *attempt, enum outcome outcome, enum fault fault, const char *code, const char *detail);
/* One that the worker had. */
void send_result_tell(struct driver *d, const char *attempt, const struct guard_send *s);

#endif
